"""Drafts of any kind in the policy book: begun, saved, compared, published by a second person, discarded."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from policies import book, life, terms
from policies.book import Kind
from policies.models import Policy, PolicyDraft
from tickets.models import User
from tickets.refusals import Conflict, Invalid, NotFound
from tickets.texts import clean_text


def get(pk: int) -> PolicyDraft:
    draft = PolicyDraft.objects.select_related("author", "owner").filter(pk=pk).first()
    if draft is None:
        raise life.no_such_draft()
    return draft


def of(kind: Kind, policy: Policy) -> PolicyDraft | None:
    """Return the draft of the rule of which POLICY is a version, if there is one."""
    key = kind.key({name: getattr(policy, name) for name in kind.names})
    return PolicyDraft.objects.filter(kind=kind.slug, key=key).first()


def begin(
    kind: Kind,
    written: dict,
    *,
    actor: User,
    now: datetime,
    why: str = "",
    owner: User | None = None,
    review_on: date | None = None,
) -> PolicyDraft:
    """Draft a new rule of KIND, or the next version of the one that WRITTEN names (see `policies.terms`)."""
    life.require_writer(actor)
    _require_drafts_here(kind)
    life.require_days(review_on, now)
    columns = kind.read(written)
    current = kind.versions(columns).filter(valid_until__isnull=True).first()
    return _begin(kind, columns, current, actor=actor, now=now, why=why, owner=owner, review_on=review_on)


def begin_end(kind: Kind, pk: int, *, actor: User, now: datetime, why: str = "") -> PolicyDraft:
    """Draft that the rule with version PK is withdrawn; it takes a second person like any change."""
    life.require_writer(actor)
    _require_drafts_here(kind)
    current = kind.current().filter(pk=pk).first()
    if current is None:
        raise NotFound(_("There is no rule of this name in force."), code="not_found")
    columns = {name: getattr(current, name) for name in kind.columns}
    _require_may_end(kind, current, now)
    return _begin(kind, columns, current, actor=actor, now=now, why=why, ends=True)


def save(
    pk: int,
    written: dict,
    *,
    revision: int,
    actor: User,
    now: datetime,
    why: str = "",
    owner: User | None = None,
    review_on: date | None = None,
) -> PolicyDraft:
    """Change a draft that is still at REVISION; which rule it is for stays."""
    life.require_writer(actor)
    with transaction.atomic():
        draft = life.locked(PolicyDraft.objects, pk)
        if review_on != draft.review_on:
            life.require_days(review_on, now)
        kind = book.kind(draft.kind)
        columns = kind.read(written)
        if kind.key(columns) != draft.key:
            raise Invalid(_("Which rule a draft is for stays; begin another draft."), code="other", field=kind.names[0])
        draft.terms = terms.write(columns)
        draft.why, draft.owner, draft.review_on, draft.ends = _reason(why), owner, review_on, False
        life.save(draft, revision=revision, actor=actor, now=now)
    return draft


def discard(pk: int, *, actor: User) -> None:
    """Throw a draft away; nothing was in force by it."""
    life.require_writer(actor)
    get(pk).delete()


def publish(pk: int, *, actor: User, revision: int, now: datetime, at: datetime | None = None) -> Policy:
    """Put a draft in force from AT on (default: NOW); whoever wrote on it cannot publish it."""
    life.require_writer(actor)
    start = life.start(at, now)
    with transaction.atomic():
        draft = life.locked(PolicyDraft.objects, pk)
        life.require_publisher(draft, revision=revision, actor=actor)
        kind = book.kind(draft.kind)
        columns = kind.read(draft.terms)  # what it refers to may have gone meanwhile
        if kind.at_once and start > now:
            raise Invalid(_("This holds from now on; its closures have days of their own."), code="invalid", field="at")
        kind.lock(columns)
        if draft.ends and (current := kind.current().filter(pk=draft.replaces_id).first()):
            _require_may_end(kind, current, now)  # something may rest on it since
        successor = kind.made(columns, now)
        successor.owner, successor.review_on, successor.why = draft.owner, draft.review_on, draft.why
        ends = draft.ends
        policy = life.put_in_force(kind.versions(columns), draft, successor, actor=actor, start=start, now=now)
        if not ends:
            kind.after(policy)
        return policy


def replaced(draft: PolicyDraft) -> Policy | None:
    """Return the version that a draft was begun from."""
    return book.kind(draft.kind).model.objects.filter(pk=draft.replaces_id).first() if draft.replaces_id else None


def comparison(draft: PolicyDraft) -> list[tuple[str, object, object, bool]]:
    """Return each column as name, what is in force, what is drafted (both plain), and whether they differ."""
    kind, before = book.kind(draft.kind), replaced(draft)
    old = kind.write(before) if before else {}
    new = {} if draft.ends else draft.terms
    return [(name, old.get(name), new.get(name), old.get(name) != new.get(name)) for name in kind.columns]


def _require_may_end(kind: Kind, current: Policy, now: datetime) -> None:
    """Refuse to end a rule that must have a successor; what is to come may be taken back where something holds."""
    names = {name: getattr(current, name) for name in kind.names}
    takes_back = current.is_to_come(now) and kind.versions(names).in_force(now).exists()
    if kind.stays(current) and not takes_back:
        raise Conflict(_("This rule is the last one for its case; change it instead."), code="stays")


def _require_drafts_here(kind: Kind) -> None:
    if kind.own_drafts:
        raise Conflict(_("A rule for tickets is drafted under Rules, where it is tried on tickets first."), code="kind")


def _begin(kind: Kind, columns: dict, current: Policy | None, *, actor: User, now: datetime, why: str, **more):
    with transaction.atomic():
        draft, made = PolicyDraft.objects.get_or_create(
            kind=kind.slug,
            key=kind.key(columns),
            defaults={
                "terms": terms.write(columns),
                "replaces_id": current.pk if current else None,
                "author": actor,
                "saved_at": now,
                "why": _reason(why),
                **more,
            },
        )
        if not made:
            raise Conflict(
                _("There is a draft of this rule already; go on with that one."),
                code="draft_exists",
                data={"draft": draft.pk},
            )
        draft.writers.add(actor)
    return draft


def _reason(why: str) -> str:
    return clean_text(why, field="why", limit=2000)
