"""The audit trail in words: who, what, from where, to where, why, and which rule or policy is cited."""

import json
import re
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from escalation import reasons
from escalation.models import Action, Approval, AuditEvent, Blocked
from helpdesk.templatetags.ux import plain_duration
from policies.risks import Risk
from tickets.models import User

MESSAGES = {Action.MESSAGE_RECEIVED, Action.MESSAGE_SENT, Action.NOTE_ADDED}
"""Events that the conversation shows as the messages themselves."""

_ACTIONS = dict(Action.choices)
_BLOCKED = dict(Blocked.choices)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(\+\d\d:\d\d|Z)")

_HOW = {
    "clock": gettext_lazy("by the clock"),
    "rule": gettext_lazy("by rule"),
    "person": gettext_lazy("by a person"),
    "approval": gettext_lazy("on a signature"),
}

KEYS = (
    gettext_noop("blocks"),
    gettext_noop("channel"),
    gettext_noop("digest"),
    gettext_noop("hold"),
    gettext_noop("legal hold"),
    gettext_noop("link"),
    gettext_noop("messages"),
    gettext_noop("notice"),
    gettext_noop("script"),
    gettext_noop("script version"),
    gettext_noop("tags"),
    gettext_noop("team"),
    gettext_noop("visit"),
)
"""What entries keep under names that are no columns."""

_OTHER_TICKET = {
    Action.MERGED: "into",
    Action.TOOK_IN: "from",
    Action.SPLIT_OFF: "ticket",
    Action.LINKED: "other",
    Action.UNLINKED: "other",
}


def who(event: AuditEvent) -> str:
    """Return who did it."""
    if event.person_id:
        return str(event.person)
    if event.customer_id:
        return str(event.customer)
    return {"clock": _("The clock"), "rule": _("A rule")}.get(event.by, _("The system"))


def what(event: AuditEvent, names: dict[int, str]) -> str:
    """Return what was done, with the floors where there are any; NAMES gives people by id."""
    action = _ACTIONS.get(event.action, event.action)
    if event.action == Action.ASSIGNED:
        return _("assigned to %(who)s") % {"who": _name(event.data.get("to"), names)}
    if event.action == Action.MACRO_RUN:
        return f"{action}: {event.data.get('name')}"
    if event.action in _OTHER_TICKET:
        return f"{action}: #{event.data.get(_OTHER_TICKET[event.action]) or event.data.get('by_ticket')}"
    if event.floor_from and event.floor_to:
        return _("%(action)s from Floor %(from)s to Floor %(to)s") % {
            "action": action, "from": event.floor_from, "to": event.floor_to,
        }  # fmt: skip
    if (event.floor_from or event.floor_to) and event.action != Action.DEADLINE_PASSED:
        return _("%(action)s on Floor %(floor)s") % {"action": action, "floor": event.floor_from or event.floor_to}
    if event.action == Action.RISK_FLAGGED and event.data.get("risk"):
        return f"{action}: {_risk(event.data['risk'])}"
    if event.data.get("kind") in Approval.Kind.values:
        return f"{action}: {Approval.Kind(event.data['kind']).label}"
    return str(action)


def details(event: AuditEvent, names: dict[int, str]) -> list[str]:
    """Return everything else that the event keeps, one line each; NAMES gives people by id."""
    data = dict(event.data)
    lines = []
    for found in [*data.pop("found", []), *([data.pop("rule")] if "rule" in data else [])]:
        words = ", ".join(f"“{word}”" for word in found.get("words", []))
        rule = _("rule %(slug)s, version %(version)s") % {"slug": found.get("trigger"), "version": found.get("version")}
        lines.append(f"{rule}: {words}" if words else rule)
    if event.action == Action.ASSIGNED:
        before, after = (_name(data.pop(key, None), names) for key in ("from", "to"))
        lines.append(_("from %(before)s to %(after)s") % {"before": before, "after": after})
        data.pop("why", None)  # the reason says it in words
        lines += [_considered(one, names) for one in data.pop("considered", [])]
    if policy := data.pop("policy", None):
        lines.append(_policy(policy))
    before, after = data.pop("before", {}), data.pop("after", {})
    lines += [f"{_key(field)}: {_plain(before.get(field))} → {_plain(new)}" for field, new in after.items()]
    for settled in data.pop("approvals", []):
        lines.append(_("request %(id)s: %(state)s") % {"id": settled["approval"], "state": _state(settled["state"])})
    if "approval" in data:
        lines.append(_("request %(id)s") % {"id": data.pop("approval")})
    data.pop("kind", None)
    if how := data.pop("how", None):
        lines.append(str(_HOW.get(how, how)))
    # Nothing that is on record stays hidden, also what a later version adds.
    lines += [f"{_key(key)}: {_plain(value)}" for key, value in data.items() if key != "risk"]
    return lines


def names_in(events: list[AuditEvent]) -> dict[int, str]:
    """Return the names of the people whom assignments cite by id."""
    assigned = [event.data for event in events if event.action == Action.ASSIGNED]
    cited = {data.get(key) for data in assigned for key in ("from", "to")}
    cited |= {one["person"] for data in assigned for one in data.get("considered", [])}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=cited - {None})} if cited - {None} else {}


def _name(pk: int | None, names: dict[int, str]) -> str:
    return _("nobody") if pk is None else names.get(pk, f"#{pk}")


def _considered(one: dict, names: dict[int, str]) -> str:
    """Say what a rule knew about a person when it chose whom to give a ticket to."""
    words = [_("%(open)s of %(capacity)s open tickets") % one]
    if "language" in one:
        words.append(_("speaks the language") if one["language"] else _("does not speak the language"))
    if "category" in one:
        words.append(_("knows the category") if one["category"] else _("does not know the category"))
    return _("considered %(who)s: %(what)s") % {"who": _name(one["person"], names), "what": ", ".join(words)}


def _policy(policy: dict) -> str:
    words = _("limit of Floor %(floor)s, version %(version)s") % {
        "floor": policy.get("floor_limit"), "version": policy.get("version"),
    }  # fmt: skip
    words += "".join(f", {policy[part]}" for part in ("channel", "category") if part in policy)
    if "calendar" in policy:
        words += ", " + _("calendar %(slug)s, version %(version)s") % policy["calendar"]
    return f"{words} ({plain_duration(timedelta(seconds=policy['seconds']))})" if "seconds" in policy else words


def _risk(risk: str) -> str:
    return str(Risk(risk).label) if risk in Risk.values else risk


def _state(state: str) -> str:
    return str(Approval.State(state).label) if state in Approval.State.values else state


def _key(name: str) -> str:
    """Return what an entry keeps under NAME, in words: most are names of columns, and translated with them."""
    return _(name.replace("_", " "))


def _plain(value: object) -> str:
    if value in (None, "", []):
        return "–"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(str(_BLOCKED.get(item, item)) for item in value)
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        moment = timezone.localtime(datetime.fromisoformat(value))
        return f"{date_format(moment, 'SHORT_DATE_FORMAT')} {moment:%H:%M:%S %Z}"
    return reasons.shown(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
