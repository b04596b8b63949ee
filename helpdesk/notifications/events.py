"""Everything staff can be told of: the events that people choose ways for, and the topics of the outbox behind them.

A new thing to be told of is a promise in `escalation.notices` (or `outbox.promise`), a topic here, and an event for it,
or one that fits already. Words never hold what a customer wrote: a case may be secret by the time it is read.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalation.models import Action, Approval, OutboxMessage
from helpdesk.models import Channel
from helpdesk.notifications import audiences
from metrics import audits
from tickets import roles
from tickets.models import User

EVERYBODY = frozenset(roles.ALL)
WORKERS = EVERYBODY - {roles.EXECUTIVE, roles.MANAGER, roles.POLICY_OWNER, roles.ADMIN}
RISK_LEGAL = frozenset({roles.HEAD_OF_RISK, roles.LEGAL})
DECIDERS = RISK_LEGAL | {roles.SUPERVISOR, roles.EXECUTIVE}
AWAY_FROM_THE_DESK = EVERYBODY - {roles.AGENT, roles.SPECIALIST}
"""Roles that do not look at the queue all day: they get an e-mail for what others find at the desk."""


@dataclass(frozen=True)
class Event:
    """Something that people choose the ways for: its line in the settings, for whom, and who gets an e-mail unasked.

    An ALARM is always listed at the desk and waits for neither quiet hours nor a digest.
    """

    label: str
    concerns: frozenset[str] = EVERYBODY
    mailed_to: frozenset[str] = EVERYBODY
    alarm: bool = False
    also_mailed: Callable[[User], bool] = lambda user: False

    def usual(self, user: User) -> frozenset[str]:
        """Return the ways by which USER is told unless they chose others."""
        mailed = user.has_role(*self.mailed_to) or self.also_mailed(user)
        return frozenset({Channel.APP, Channel.MAIL} if mailed else {Channel.APP})


EVENTS: dict[str, Event] = {
    "assigned": Event(gettext_lazy("A ticket is given to me"), WORKERS, AWAY_FROM_THE_DESK),
    "customer_wrote": Event(gettext_lazy("The customer writes on my ticket"), WORKERS, AWAY_FROM_THE_DESK),
    "mention": Event(gettext_lazy("I am named in a note"), mailed_to=AWAY_FROM_THE_DESK),
    "watched": Event(gettext_lazy("A ticket that I watch changes"), mailed_to=AWAY_FROM_THE_DESK),
    "not_sent": Event(gettext_lazy("An answer of mine was not sent"), WORKERS),
    "taken_from": Event(gettext_lazy("A ticket is taken back from me"), WORKERS),
    "nearly_late": Event(gettext_lazy("A deadline that I can still keep comes near"), WORKERS),
    "alarm": Event(gettext_lazy("A decision on Floor 3 is late"), DECIDERS - {roles.SUPERVISOR}, alarm=True),
    "floor_3": Event(gettext_lazy("A case arrives on Floor 3"), RISK_LEGAL),
    "signature": Event(gettext_lazy("My signature is asked for, or is missing")),
    "decided": Event(gettext_lazy("What became of a signature that I asked for"), WORKERS, AWAY_FROM_THE_DESK),
    "justification": Event(gettext_lazy("I owe a justification"), DECIDERS),
    "unattended": Event(gettext_lazy("A ticket of my team has nobody"), RISK_LEGAL | {roles.SUPERVISOR}),
    "warned": Event(gettext_lazy("A rule asks me to look at a ticket"), RISK_LEGAL | {roles.SUPERVISOR}),
    "due": Event(gettext_lazy("A hold or a notice to an authority is due"), WORKERS),
    "untold": Event(gettext_lazy("A customer was not told of a review in time"), WORKERS, AWAY_FROM_THE_DESK),
    "cause": Event(gettext_lazy("A customer was dissatisfied, and I am to find the cause"), WORKERS | {roles.MANAGER}),
    "policy_review": Event(gettext_lazy("A policy of mine is to be looked at again")),
    "audit": Event(
        gettext_lazy("The audit of a quarter is due"),
        frozenset(audits.AUDITORS),
        frozenset({roles.MANAGER, roles.POLICY_OWNER}),
    ),
    "scorecard": Event(
        gettext_lazy("The scorecard of the week is published"),
        mailed_to=frozenset({roles.MANAGER}),
        also_mailed=audiences.owns_a_figure,
    ),
    "undelivered": Event(
        gettext_lazy("Something could not be delivered"), frozenset({roles.SUPERVISOR, roles.ADMIN}), frozenset()
    ),
}
"""The lines of everybody's settings, in their order."""


@dataclass(frozen=True)
class Topic:
    """A topic of the outbox that staff hear of.

    `people` returns who is to hear of it as things stand now, nobody when its reason has gone; it is asked again before
    each delivery. `words` makes the sentence from the facts that `facts` took when it happened.
    """

    event: str
    words: Callable[[dict], str]
    people: Callable[[OutboxMessage], Iterable[User]]
    facts: Callable[[OutboxMessage], dict] = lambda owed: owed.payload
    page: Callable[[int | None, dict], str] = lambda ticket, facts: reverse("desk:ticket", args=[ticket])


def _nearly_late(facts: dict) -> str:
    due = timezone.localtime(datetime.fromisoformat(facts["due"]))
    words = _("Due at %(time)s on Floor %(floor)s") % {"time": date_format(due, "H:i T"), "floor": facts["floor"]}
    return _("A signature is still missing. %(words)s") % {"words": words} if facts.get("unsigned") else words


def _taken_back(facts: dict) -> str:
    if facts.get("why") == "offline":
        return _("A ticket came back to its queue: its owner went offline")
    return _("A ticket came back to its queue: its owner did nothing with it")


def _decided(facts: dict) -> str:
    return {
        Approval.State.APPROVED: _("What you asked a signature for is signed"),
        Approval.State.REJECTED: _("What you asked a signature for is refused"),
    }.get(facts["state"], _("Your request for a signature is void: the case has changed"))


def _changed(facts: dict) -> str:
    kinds = ", ".join(str(Action(kind).label) for kind in facts["kinds"] if kind in Action.values)
    return _("A ticket that you watch has changed: %(what)s") % {"what": kinds}


def _approvals(ticket: int | None, facts: dict) -> str:
    return reverse("desk:approvals")


def _cause(ticket: int | None, facts: dict) -> str:
    return reverse("desk:cause", args=[facts["cause"]])


def _legal_hold(ticket: int | None, facts: dict) -> str:
    return reverse("desk:case_file", args=[ticket]) if ticket else reverse("desk:privacy", args=[facts["customer"]])


def _policy(ticket: int | None, facts: dict) -> str:
    return reverse("desk:policy_version", args=[facts["kind"], facts["policy"]])


def _says(text: str) -> Callable[[dict], str]:
    return lambda facts: str(text)


TOPICS: dict[str, Topic] = {
    "assigned": Topic("assigned", _says(gettext_lazy("A ticket was given to you")), audiences.person_who_has_it),
    "customer_wrote": Topic("customer_wrote", _says(gettext_lazy("The customer wrote")), audiences.owner),
    "taken_from": Topic(
        "taken_from", _says(gettext_lazy("A ticket was taken back from you")), audiences.person_without_it
    ),
    "mention": Topic(
        "mention",
        _says(gettext_lazy("You are named in a note")),
        audiences.named,
        page=lambda ticket, facts: f"{reverse('desk:ticket', args=[ticket])}#m{facts['message']}",
    ),
    "watched_change": Topic("watched", _changed, audiences.watcher),
    "not_sent": Topic(
        "not_sent",
        lambda facts: _("What you wrote on #%(number)s was not sent, or not all of it") % {"number": facts["number"]},
        audiences.writer,
        page=lambda ticket, facts: reverse("desk:drafts"),
    ),
    "nearly_late": Topic("nearly_late", _nearly_late, audiences.who_can_act, facts=audiences.deadline),
    "alarm": Topic("alarm", _says(gettext_lazy("A decision on Floor 3 is late")), audiences.alarmed),
    "floor_3": Topic("floor_3", _says(gettext_lazy("A case has arrived on Floor 3")), audiences.risk_and_legal),
    "signature_wanted": Topic(
        "signature", _says(gettext_lazy("A signature is asked for")), audiences.signers_of, page=_approvals
    ),
    "signature_reminder": Topic(
        "signature", _says(gettext_lazy("A signature is still missing")), audiences.signers_of, page=_approvals
    ),
    "next_in_line": Topic("signature", _says(gettext_lazy("Nobody has signed")), audiences.next_in_line),
    "decided": Topic("decided", _decided, audiences.asker),
    "justification_owed": Topic(
        "justification",
        _says(gettext_lazy("A justification is still owed")),
        audiences.owing_words,
        page=_approvals,
    ),
    "unassigned": Topic(
        "unattended", _says(gettext_lazy("Nobody could be given a ticket")), audiences.supervisors_of_unowned
    ),
    "taken_back": Topic("unattended", _taken_back, audiences.supervisors_of_open),
    "warned": Topic("warned", lambda facts: facts["warning"], audiences.watching),
    "notice_due": Topic("due", _says(gettext_lazy("A notice to an authority is due")), audiences.notifiers),
    "hold_review": Topic("due", _says(gettext_lazy("A hold is to be looked at again")), audiences.hold_owner),
    "legal_hold_review": Topic(
        "due",
        _says(gettext_lazy("A legal hold is to be looked at again")),
        audiences.legal_reviewers,
        page=_legal_hold,
    ),
    "customer_untold": Topic(
        "untold",
        _says(gettext_lazy("The customer has not been told that the case is reviewed; write or call")),
        audiences.untold,
    ),
    "cause_wanted": Topic(
        "cause", _says(gettext_lazy("A customer was dissatisfied")), audiences.answering, page=_cause
    ),
    "policy_review": Topic(
        "policy_review",
        lambda facts: _("A policy is to be looked at again: %(name)s") % {"name": facts["name"]},
        audiences.policy_reviewers,
        facts=audiences.policy,
        page=_policy,
    ),
    "audit_due": Topic(
        "audit",
        lambda facts: _("The audit of %(quarter)s is due") % {"quarter": facts["quarter"]},
        audiences.auditors,
        page=lambda ticket, facts: reverse("desk:audits"),
    ),
    "scorecard": Topic(
        "scorecard",
        lambda facts: _("The scorecard of %(week)s is published") % {"week": facts["week"]},
        audiences.staff,
        page=lambda ticket, facts: f"{reverse('desk:scorecard')}?week={facts['week']}",
    ),
    "undelivered": Topic(
        "undelivered",
        _says(gettext_lazy("Letters or chat messages could not be delivered")),
        audiences.caretakers,
        page=lambda ticket, facts: reverse("desk:undelivered"),
    ),
    "webhook_given_up": Topic(
        "undelivered",
        _says(gettext_lazy("Calls of webhooks were given up")),
        audiences.administrators,
        page=lambda ticket, facts: reverse("desk:hooks"),
    ),
}


def words(topic: str, facts: dict) -> str:
    """Return the sentence in the language and zone in force; a topic that is no longer known has none of its own."""
    known = TOPICS.get(topic)
    return known.words(facts) if known else _("Something happened")


def address(topic: str, ticket: int | None, facts: dict) -> str:
    """Return the page on this site that a notification is about."""
    known = TOPICS.get(topic)
    return known.page(ticket, facts) if known else reverse("desk:notifications")
