"""A rule in one sentence, as people say it."""

from collections.abc import Iterable

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from policies.models import Trigger, TriggerDraft
from policies.risks import Risk
from tickets.models import Tag

PHRASES_SHOWN = 4


def sentence(rule: Trigger | TriggerDraft) -> str:
    """Return what must hold and what then happens."""
    if getattr(rule, "ends", False):
        return _("This rule is to be withdrawn.")
    asks, does = list(_asks(rule)), list(_does(rule))
    return _("If %(conditions)s: %(effects)s.") % {
        "conditions": _(", and ").join(asks), "effects": ", ".join(does) or _("nothing follows"),
    }  # fmt: skip


def effects(rule: Trigger | TriggerDraft) -> str:
    """Return what follows when the rule fires."""
    return ", ".join(_does(rule))


def trial_effects(names: Iterable[str]) -> str:
    """Return the differences that a trial names, in words."""
    labels = {f"risk {risk}": Risk(risk).label for risk in Risk.values}
    return ", ".join(str(labels.get(name, name)) for name in names)


def _asks(rule: Trigger | TriggerDraft) -> Iterable[str]:
    phrases = [phrase for lines in rule.phrases.values() for phrase in lines if phrase[0] != "!"]
    if phrases:
        shown = ", ".join(f"“{phrase}”" for phrase in phrases[:PHRASES_SHOWN])
        more = len(phrases) - PHRASES_SHOWN
        shown += " " + _("or %(n)s more") % {"n": more} if more > 0 else ""
        yield _("the text contains any of %(phrases)s") % {"phrases": shown}
    if rule.min_order_value is not None:
        yield _("the order is worth %(value)s %(currency)s or more") % {
            "value": number_format(rule.min_order_value), "currency": settings.CURRENCY,
        }  # fmt: skip
    if rule.condition:
        yield " ".join(rule.condition.split())


def _does(rule: Trigger | TriggerDraft) -> Iterable[str]:
    if rule.floor:
        yield _("go to Floor %(floor)s") % {"floor": rule.floor}
    if rule.risk:
        yield _("flag %(risk)s") % {"risk": Risk(rule.risk).label}
    if rule.hold:
        yield _("place a hold")
    if rule.tags:
        names = Tag.objects.filter(slug__in=rule.tags).values_list("name", flat=True)
        yield _("tag %(tags)s") % {"tags": ", ".join(names)}
    if rule.team_id:
        yield _("give it to %(team)s") % {"team": rule.team}
    if rule.warning:
        yield _("warn the supervisors: “%(words)s”") % {"words": rule.warning}
