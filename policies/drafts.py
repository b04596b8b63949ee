"""The life of a rule for tickets: that of every policy (`policies.life`), with a trial on real tickets on the way."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from policies import expressions, life
from policies.languages import LANGUAGES
from policies.models import Trigger, TriggerDraft
from policies.risks import Risk
from tickets.models import Tag, Team, User
from tickets.refusals import Conflict, Invalid, NotFound
from tickets.texts import clean_line, clean_text

MOST_PHRASES = 200
LONGEST_PHRASE = 80
TERMS = (
    "name", "position", "phrases", "min_order_value", "condition", "floor", "risk", "hold", "tags", "team", "warning",
)  # fmt: skip


def get(pk: int) -> TriggerDraft:
    draft = TriggerDraft.objects.select_related("replaces", "author", "team", "tried_by").filter(pk=pk).first()
    if draft is None:
        raise life.no_such_draft()
    return draft


def begin(*, actor: User, slug: str, terms: dict, now: datetime, ends: bool = False) -> TriggerDraft:
    """Draft a new rule, or the next version of the rule SLUG; with ENDS, its withdrawal."""
    life.require_writer(actor)
    slug = clean_line(slug, field="slug", limit=60, required=True)
    current = Trigger.objects.filter(slug=slug, valid_until__isnull=True).first()
    if ends and current is None:
        raise NotFound(_("There is no rule of this name in force."), code="not_found")
    kept = _kept(current) if ends else checked(terms)
    with transaction.atomic():
        if there := TriggerDraft.objects.filter(slug=slug).first():
            raise Conflict(
                _("There is a draft of this rule already; go on with that one."),
                code="draft_exists",
                data={"draft": there.pk},
            )
        draft = TriggerDraft.objects.create(slug=slug, replaces=current, ends=ends, author=actor, saved_at=now, **kept)
        draft.writers.add(actor)
    return draft


def save(pk: int, *, actor: User, terms: dict, revision: int, now: datetime) -> TriggerDraft:
    """Change a draft that is still at REVISION. It must then be tried anew."""
    life.require_writer(actor)
    with transaction.atomic():
        draft = life.locked(TriggerDraft.objects, pk)
        for name, value in checked(terms).items():
            setattr(draft, name, value)
        draft.ends = False
        draft.tried_at = draft.tried_by = None
        draft.trial = {}
        life.save(draft, revision=revision, actor=actor, now=now)
    return draft


def note_trial(pk: int, *, actor: User, revision: int, found: dict, now: datetime) -> None:
    """Keep what a trial of the draft found, unless somebody has changed it meanwhile."""
    life.require_writer(actor)
    TriggerDraft.objects.filter(pk=pk, revision=revision).update(tried_at=now, tried_by=actor, trial=found)


def discard(pk: int, *, actor: User) -> None:
    """Throw a draft away; nothing was in force by it."""
    life.require_writer(actor)
    get(pk)
    TriggerDraft.objects.filter(pk=pk).delete()


def publish(pk: int, *, actor: User, revision: int, now: datetime, at: datetime | None = None) -> Trigger:
    """Put a tried draft in force from AT on (default: NOW); whoever wrote on it cannot publish it.

    The version before ends at that instant. A draft whose rule was changed meanwhile is refused.
    """
    life.require_writer(actor)
    start = life.start(at, now)
    with transaction.atomic():
        draft = life.locked(TriggerDraft.objects.select_related("replaces"), pk)
        life.require_publisher(draft, revision=revision, actor=actor)
        if draft.tried_at is None:
            raise Conflict(_("Try this draft on last week's tickets first."), code="not_tried")
        versions = Trigger.objects.filter(slug=draft.slug)
        return life.put_in_force(versions, draft, draft.as_trigger(), actor=actor, start=start, now=now)


def _kept(current: Trigger) -> dict:
    return {name: getattr(current, name) for name in TERMS}


def checked(terms: dict) -> dict:
    """Return TERMS, which are columns by name, fit to be stored, or refuse them."""
    kept = {
        "name": clean_line(terms.get("name") or "", field="name", limit=120, required=True),
        "position": terms.get("position") or 0,
        "phrases": _phrases(terms.get("phrases") or {}),
        "min_order_value": terms.get("min_order_value"),
        "condition": clean_text(terms.get("condition") or "", field="condition", limit=expressions.LONGEST),
        "floor": terms.get("floor") or None,
        "risk": terms.get("risk") or "",
        "hold": bool(terms.get("hold")),
        "tags": sorted(set(map(str, terms.get("tags") or []))),
        "team": terms.get("team"),
        "warning": clean_line(terms.get("warning") or "", field="warning", limit=250),
    }
    if kept["condition"]:
        expressions.read(kept["condition"])
    if not 0 <= kept["position"] <= 9999:
        raise Invalid(_("The position lies between 0 and 9999."), code="out_of_range", field="position")
    if kept["floor"] not in (None, 2, 3):
        raise Invalid(_("A rule sends a ticket to Floor 2 or 3."), code="out_of_range", field="floor")
    if kept["risk"] and kept["risk"] not in Risk.values:
        raise Invalid(_("There is no such risk."), code="unknown", field="risk")
    if kept["min_order_value"] is not None and not 0 < Decimal(kept["min_order_value"]) < Decimal("1e10"):
        raise Invalid(_("The value of an order must be above zero."), code="out_of_range", field="min_order_value")
    known = set(Tag.objects.filter(slug__in=kept["tags"]).values_list("slug", flat=True))
    if unknown := set(kept["tags"]) - known:
        raise Invalid(_("There is no tag %(tag)s.") % {"tag": min(unknown)}, code="unknown", field="tags")
    if kept["team"] is not None and not isinstance(kept["team"], Team):
        raise Invalid(_("There is no such team."), code="unknown", field="team")
    if not (any(kept["phrases"].values()) or kept["min_order_value"] is not None or kept["condition"]):
        raise Invalid(_("Say what must hold: phrases, an order's value, or a condition."), code="required")
    if not any(kept[effect] for effect in ("floor", "risk", "hold", "tags", "team", "warning")):
        raise Invalid(_("Say what the rule does: a floor, a risk, a hold, tags, a team or a warning."), code="required")
    return kept


def _phrases(phrases: dict) -> dict:
    kept = {}
    if not isinstance(phrases, dict) or not all(isinstance(lines, list | tuple) for lines in phrases.values()):
        raise Invalid(_("Write phrases by language."), code="invalid", field="phrases")
    for language, lines in phrases.items():
        if language not in LANGUAGES:
            raise Invalid(_("There is no language %(code)s.") % {"code": language}, code="unknown", field="phrases")
        cleaned = [clean_line(str(line), field=f"phrases_{language}", limit=LONGEST_PHRASE) for line in lines]
        cleaned = [line for line in dict.fromkeys(cleaned) if line]
        if short := [line for line in cleaned if len(line.strip("!* ")) < 3]:
            raise Invalid(
                _("“%(phrase)s” is too short; it would be found in everything.") % {"phrase": short[0]},
                code="too_short",
                field=f"phrases_{language}",
            )
        if cleaned:
            kept[language] = cleaned
    if sum(map(len, kept.values())) > MOST_PHRASES:
        raise Invalid(_("At most %(n)s phrases.") % {"n": MOST_PHRASES}, code="too_many", field="phrases")
    return kept
