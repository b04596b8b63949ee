"""The facts under a signature in words, and what has changed of them since it was asked for."""

from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from escalation import reasons
from escalation.models import Blocked, ContactStep, Hold
from helpdesk.templatetags.ux import money
from policies.remedies import Problem, Remedy
from policies.risks import Risk
from tickets.models import Message, User


def facts(content: dict) -> list[tuple[str, str]]:
    """Return what a signature binds besides the justification, as pairs of name and words."""
    found = []
    if hold := Hold.objects.select_related("placed_by").filter(pk=content.get("hold")).first():
        forbids = ", ".join(str(Blocked(action).label) for action in hold.blocks)
        found.append((_("The hold"), f"{reasons.shown(hold.reason)} ({hold.placed_by or _('a rule')})"))
        found.append((_("It forbids to"), forbids))
    if content.get("problem"):
        found.append((_("Problem"), str(Problem(content["problem"]).label)))
        found.append((_("Remedy"), str(Remedy(content["remedy"]).label)))
    if amount := content.get("amount"):
        found.append((_("Amount"), money(Decimal(amount["amount"]), amount["currency"])))
    if content.get("step") in ContactStep.Step.values:
        found.append((_("Step against abuse"), str(ContactStep.Step(content["step"]).label)))
        found.append((_("Until"), _when(content["until"])))
    if content.get("authority"):
        found.append((_("Authority"), " ".join(filter(None, [content["authority"], content.get("reference")]))))
        found.append((_("To be sent by"), _when(content["due_at"])))
    if "risks" in content:
        found.append((_("Risks"), _risks(content["risks"]) or _("none")))
    if content.get("evidence"):
        found.append((_("Evidence"), ", ".join(f"{sha256[:12]}…" for sha256 in content["evidence"])))
    if text := content.get("text"):
        found.append((_("Decision text"), _("version %(n)s") % {"n": text["version"]}))
    if newest := _message(content.get("last_message")):
        found.append((_("Newest message"), newest))
    return found


def words(difference: dict) -> list[str]:
    """Return what has changed, one sentence each."""
    lines = []
    for name, change in difference.items():
        before, now = change["asked"], change["now"]
        match name:
            case "last_message":
                lines.append(_("A newer message: %(what)s") % {"what": _message(now)})
            case "last_note":
                lines.append(_("A newer note: %(what)s") % {"what": _message(now)})
            case "risks":
                lines.append(_("Risks: %(before)s, now %(now)s") % {
                    "before": _risks(before) or _("none"), "now": _risks(now) or _("none"),
                })  # fmt: skip
            case "evidence":
                added = len(set(now) - set(before))
                lines.append(_("Evidence registered since: %(n)s") % {"n": added})
            case "text":
                lines.append(_("Decision text: %(what)s") % {"what": _version(now)})
            case "hold":
                lines.append(_("A hold is in force now") if now else _("The hold is no longer in force"))
    return lines


def _risks(risks: list[str]) -> str:
    named = dict(Risk.choices)
    return ", ".join(str(named.get(risk, risk)) for risk in risks)


def _when(text: str) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(text)), "SHORT_DATETIME_FORMAT")


def _message(pk: int | None) -> str:
    message = Message.objects.filter(pk=pk).select_related("author").first() if pk else None
    if message is None:
        return ""
    time = date_format(timezone.localtime(message.created_at), "SHORT_DATETIME_FORMAT")
    return f"{message.author or _('Customer')}, {time}"


def _version(text: dict | None) -> str:
    if not text:
        return _("none")
    return _("version %(n)s by %(who)s") % {"n": text["version"], "who": User.objects.get(pk=text["by"])}
