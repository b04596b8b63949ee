"""Which actions the floor panel offers a person, and why others are not there. The verbs decide again when asked."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from escalation import access, assignment, signers
from escalation.justification import JUSTIFICATION_MIN
from escalation.models import Approval, Blocked, Snooze
from helpdesk.desk import act_forms as forms
from helpdesk.desk.choices import Choices
from helpdesk.desk.stand import Stand, in_words
from tickets import roles
from tickets.models import User


@dataclass
class Offer:
    """One action: a button, or a folded form; `why_not` instead of both when a rule forbids it now."""

    slug: str
    label: str
    form: forms.Drawn | None = None
    submit: str = ""
    key: str = ""
    help: str = ""
    why_not: str = ""
    danger: bool = False
    open: bool = False


class Offers:
    """The actions for USER on the ticket of STAND. BOUND is a refused form, which is shown again with its text."""

    def __init__(self, stand: Stand, user: User, bound: forms.ActForm | None = None):
        self.stand, self.user, self.bound = stand, user, bound
        self.escalation = stand.ticket.escalation
        self.choices = Choices(self.escalation, stand.now)
        lives = stand.ticket.merged_into_id is None and stand.ticket.erased_at is None
        self.works = lives and access.works_on(user, self.escalation)
        self.takes_notes = lives and user.has_role(*access.WORKERS[1])

    @property
    def why_none(self) -> str:
        """Why there is nothing to do here for this person, or ''."""
        if self.stand.ticket.merged_into_id:
            return _("Everything goes on in #%(number)s.") % {"number": self.stand.ticket.merged_into_id}
        if self.stand.ticket.erased_at:
            return _("Nothing is done with an erased ticket any more.")
        if self.works:
            return ""
        floor = self.escalation.sensitive_floor
        words = _("You may read this ticket. Floor %(floor)s is worked by: %(roles)s.") % {
            "floor": floor,
            "roles": named(access.WORKERS[floor]),
        }
        return words + " " + _("You may add an internal note.") if self.takes_notes else words

    @property
    def can_take(self) -> bool:
        """Whether nobody has the ticket and this person may."""
        return self.stand.ticket.assignee_id is None and self._mine() is not None

    @property
    def can_take_over(self) -> bool:
        """Whether this person may have the ticket, whoever has it now."""
        return self.works and self._mine() is not None

    def all(self) -> list[Offer]:
        """Return the offers in the order of the panel."""
        if not self.works:
            return []
        steps: tuple[Callable[[], Offer | None], ...] = (
            self._mine, self._assign, self._wait, self._up, self._down, self._hold, self._hold_owner, self._risk,
            self._resolve, self._reopen, self._label, self._snooze,
        )  # fmt: skip
        offers = [offer for step in steps if (offer := step()) is not None]
        if self.bound and not any(offer.open for offer in offers):
            # What was possible when the page was drawn no longer is: the words that were typed stay in sight.
            offers = [offer for offer in offers if offer.slug != self.bound.slug]
            offers.append(Offer(self.bound.slug, _("Not done"), forms.draw(self.bound), open=True))
        return offers

    def _offer(self, slug: str, label: str, form: forms.Drawn, **more) -> Offer:
        refused = self.bound if self.bound and self.bound.slug == slug else None
        return Offer(slug, label, forms.draw(refused) if refused else form, open=refused is not None, **more)

    def _mine(self) -> Offer | None:
        stand = self.stand
        if stand.resolved or stand.ticket.assignee_id == self.user.pk:
            return None
        if not assignment.may_have(self.user, self.escalation.floor):
            return None
        return Offer("mine", _("Assign to me"), key="i")

    def _assign(self) -> Offer | None:
        if self.stand.resolved:
            return None
        owner = self.stand.ticket.assignee_id
        form = forms.blank(forms.Assign, has_owner=owner is not None).offering(self.choices.people(owner))
        return self._offer("assign", _("Assign"), form, submit=_("Assign"), key="a")

    def _wait(self) -> Offer | None:
        stand = self.stand
        if stand.resolved:
            return None
        if stand.clock == "paused":
            return Offer("resume", _("Resume the clock"), key="p")
        if stand.ticket.floor_deadline <= stand.now:
            return Offer("wait", _("Wait for the customer"), why_not=_("A clock that has run out cannot be paused."))
        return self._offer(
            "wait", _("Wait for the customer"), forms.blank(forms.Wait), submit=_("Stop the clock"), key="p",
            help=_("Stops the clock until the customer writes. Nothing else stops it."),
        )  # fmt: skip

    def _up(self) -> Offer | None:
        floor = self.escalation.floor
        if floor not in (1, 2):
            return None
        alone = floor == 1 or signers.may_alone(Approval.Kind.FLOOR_3, self.user, self.escalation)
        label = (_("Move to Floor %(n)s") if alone else _("Ask to move to Floor %(n)s")) % {"n": floor + 1}
        if floor == 2 and self.stand.waits_for(Approval.Kind.FLOOR_3) and not alone:
            return Offer("up", label, why_not=_("This signature is asked for already."))
        words = [_("It happens at once.") if alone else self._signed_by(Approval.Kind.FLOOR_3)]
        words.append(_("Your reason goes on the record (at least %(n)s characters).") % {"n": JUSTIFICATION_MIN})
        return self._offer("up", label, forms.blank(forms.Up, floor=floor), submit=label, key="f", help=" ".join(words))

    def _down(self) -> Offer | None:
        floor = self.escalation.floor
        if floor not in (2, 3) or not self.user.has_role(*access.WORKERS[floor]):
            return None
        return self._offer(
            "down", _("Hand back"), forms.blank(forms.Down, floor=floor), submit=_("Hand back"), key="b",
            help=_("The ticket gets a new clock on the lower floor."),
        )  # fmt: skip

    def _hold(self) -> Offer | None:
        stand = self.stand
        if stand.resolved:
            return None
        if stand.ticket.hold_placed_at is None:
            return self._offer(
                "hold", _("Put on hold"), forms.blank(forms.Hold), submit=_("Put on hold"), key="h",
                help=_("What it forbids stays forbidden until the release is signed. The clock runs on."),
            )  # fmt: skip
        if stand.waits_for(Approval.Kind.HOLD_RELEASE):
            return Offer("release", _("Ask to release the hold"), why_not=_("This signature is asked for already."))
        return self._offer(
            "release", _("Ask to release the hold"), forms.blank(forms.Release), submit=_("Ask for release"), key="h",
            help=self._signed_by(Approval.Kind.HOLD_RELEASE),
        )  # fmt: skip

    def _hold_owner(self) -> Offer | None:
        hold = self.stand.hold
        if self.stand.resolved or hold is None:
            return None
        form = forms.blank(forms.HoldOwner).offering(self.choices.people(hold.owner_id))
        return self._offer("hold-owner", _("Give the hold to somebody else"), form, submit=_("Give it"))

    def _risk(self) -> Offer | None:
        borne = frozenset(flag.risk for flag in self.stand.flags)
        if self.stand.resolved:
            return None
        return self._offer(
            "risk", _("Flag a risk"), forms.blank(forms.FlagRisk, borne=borne), submit=_("Flag it"), key="R",
            help=_("The rule in force for this risk decides which floor the ticket goes to."),
        )  # fmt: skip

    def _resolve(self) -> Offer | None:
        stand = self.stand
        if stand.resolved:
            return None
        final = self.escalation.floor == 3
        label = _("Ask for the final signature") if final else _("Resolve")
        if stand.hold and Blocked.RESOLVE in stand.hold.blocks:
            return Offer("resolve", label, why_not=_("On hold: its release must be signed first."))
        words = self._signed_by(Approval.Kind.FINAL_RESOLUTION) if final else _("Ends the clock; the customer is told.")
        return self._offer(
            "resolve", label, forms.blank(forms.Resolve, floor=self.escalation.floor), submit=label, key="s", help=words
        )

    def _reopen(self) -> Offer | None:
        if not self.stand.resolved:
            return None
        return self._offer(
            "reopen", _("Reopen"), forms.blank(forms.Reopen), submit=_("Reopen"), key="s",
            help=_("It goes back to Floor %(n)s with a new clock.") % {"n": self.stand.floor},
        )  # fmt: skip

    def _label(self) -> Offer | None:
        ticket = self.stand.ticket
        form = forms.blank(forms.Label, tags=tuple(self.choices.tags))
        form = form.saying("subject", ticket.subject).ticking(ticket.tag_slugs)
        return self._offer("label", _("Subject and tags"), form, submit=_("Save"), key="t")

    def _snooze(self) -> Offer | None:
        if self.stand.resolved:
            return None
        if self.stand.ticket.is_snoozed:
            until = (
                Snooze.objects.values_list("until", flat=True)
                .filter(ticket=self.stand.ticket.pk, user=self.user)
                .first()
            )
            words = in_words(until) if until else _("the customer writes")
            return Offer("wake", _("Stop snoozing"), key="z", help=_("Snoozed until: %(time)s.") % {"time": words})
        return self._offer(
            "snooze", _("Snooze"), forms.blank(forms.Snooze), submit=_("Snooze"), key="z",
            help=_("Only for you, and only out of “Mine”. No clock stops; in its last third it is back."),
        )  # fmt: skip

    def _signed_by(self, kind: str) -> str:
        allowed = signers.asked_of(kind, self.escalation)
        return _("Signed by somebody else: %(roles)s.") % {"roles": named(allowed)}


def named(allowed: set[str]) -> str:
    """Return roles in words, in the order of the protocol."""
    return ", ".join(str(roles.LABELS[role]) for role in roles.ALL if role in allowed)
