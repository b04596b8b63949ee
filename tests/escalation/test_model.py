"""The real verbs against a small model of P2, in random order: whoever acts, whenever, the promises hold."""

import os
from datetime import timedelta
from types import SimpleNamespace

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from escalation import (
    access,
    approvals,
    assignment,
    audit,
    conversation,
    holds,
    merging,
    moves,
    routing,
    rules,
    sweep,
    taking_back,
    waiting,
)
from escalation.models import Approval, AuditEvent, FloorVisit, Hold, OutboxMessage, Pause
from policies.models import Trigger
from tests import builders
from tests.builders import T0, minutes, stand
from tickets import duty
from tickets.models import Duty, Ticket
from tickets.refusals import Refusal

LONG = os.environ.get("PROOF") == "long"
"""`make proof`: ten times as many stories."""
WHY = "a reason long enough for the record"
LIMIT = {1: minutes(15), 2: minutes(10), 3: minutes(60)}
REFUND = "I want a refund."
OPENING = {1: "Where is my parcel?", 2: "That is not true.", 3: "I will talk to my lawyer."}
PEOPLE = st.sampled_from(sorted(builders.CAST))
# Those who may do most come more often, so that stories get as far as signatures; others try too.
INSIDERS = st.sampled_from(["risk", "legal"] * 4 + ["supervisor", "supervisor2", "specialist", "agent", "manager"])
WORKS = {
    1: {"agent", "agent2", "specialist", "specialist2", "supervisor", "supervisor2", "risk", "legal"},
    2: {"specialist", "specialist2", "supervisor", "supervisor2", "risk", "legal"},
    3: {"risk", "legal"},
}
VERBS = (
    "time_passes customer_writes moves_up sends_down waits resumes answers flags assigns asks_to_release"
    " resolves resolves places_a_hold places_a_hold decides decides decides changes_duty"
    " the_rule_looks the_rule_looks merges"
).split()
STEPS = st.sampled_from(
    [timedelta(0), timedelta(seconds=1), minutes(1), minutes(4), minutes(9), minutes(16), minutes(61)]
)


class Desk(RuleBasedStateMachine):
    """One ticket, everybody who may touch it, and a model of where it should be."""

    people: SimpleNamespace  # hired once, before the first story

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize(floor=st.sampled_from([1, 2, 3, 3]))
    def arrival(self, floor):
        self.now = T0
        self.ticket = builders.open_ticket(now=T0, body=OPENING[floor])
        self.number = self.ticket.pk
        self.held = self.held_by_rule = False
        self._enters(floor)

    # --- what may happen

    # One rule for all that can happen: with a rule for each verb Hypothesis switches most of them off in most stories,
    # and the long ones (ask, hold, sign) hardly ever come about.
    @rule(verb=st.sampled_from(VERBS), who=INSIDERS | PEOPLE, data=st.data())
    def something_happens(self, verb, who, data):
        getattr(self, verb)(who, data.draw)

    def time_passes(self, who, draw):
        self.now += draw(STEPS)
        if self.floor and self.due and self.due <= self.now:
            if self.floor < 3:
                self._enters(self.floor + 1)
            else:
                self.alarmed = True
        sweep.sweep(as_of=self.now)
        assert sweep.sweep(as_of=self.now) == 0

    def moves_up(self, who, draw):
        allowed = self._works(who) and self.floor in (1, 2)
        alone = self.floor == 1 or who in {"risk", "legal"}
        pending = self._pending(Approval.Kind.FLOOR_3).exists()
        done = self._try(lambda: moves.escalate(self.number, actor=self._as(who), justification=WHY, now=self.now))
        assert done == (allowed and (alone or not pending))
        if done and alone:
            self._enters(self.floor + 1)

    def sends_down(self, who, draw):
        floor = draw(st.integers(1, 3))
        allowed = self.floor in (2, 3) and who in WORKS[self.floor] and floor < self.floor
        done = self._try(
            lambda: moves.send_down(self.number, actor=self._as(who), floor=floor, justification=WHY, now=self.now)
        )
        assert done == allowed
        if done:
            self._enters(floor)

    def waits(self, who, draw):
        running = bool(self.floor and self.due and self.due > self.now)
        allowed = self._works(who) and running
        done = self._try(lambda: waiting.wait(self.number, actor=self._as(who), now=self.now))
        assert done == allowed
        if done:
            self.left, self.due = self.due - self.now, None

    def resumes(self, who, draw):
        allowed = self._works(who) and self.floor is not None and self.due is None
        assert self._try(lambda: waiting.resume(self.number, actor=self._as(who), now=self.now)) == allowed
        if allowed:
            self.due, self.left = self.now + self.left, None

    def customer_writes(self, who, draw):
        angry, refund = draw(st.sampled_from([(True, False), (False, True), (False, False), (False, False)]))
        body = OPENING[3] if angry else REFUND if refund else "Any news?"
        conversation.customer_message(self.number, body=body, now=self.now)
        if self.floor is None:
            self._enters(self.last_floor)
        elif self.due is None:
            self.due, self.left = self.now + self.left, None
        if angry and self.floor < 3:
            self._enters(3)
        if refund and not self.held and not self.held_by_rule:
            self.held = self.held_by_rule = True

    def answers(self, who, draw):
        allowed = self._works(who)
        assert self._try(lambda: conversation.reply(self.number, actor=self._as(who), body="Hello.", now=self.now)) == (
            allowed
        )

    def resolves(self, who, draw):
        allowed = self._works(who) and self.floor is not None and not self.held
        before = self._pending(Approval.Kind.FINAL_RESOLUTION).first()
        done = self._try(lambda: moves.resolve(self.number, actor=self._as(who), summary="Solved.", now=self.now))
        assert done == allowed or before
        if done and self.floor < 3:
            self._leaves()

    def places_a_hold(self, who, draw):
        allowed = self._works(who) and self.floor is not None and not self.held
        done = self._try(lambda: holds.place(self.number, actor=self._as(who), reason=WHY, now=self.now))
        assert done == allowed
        self.held = self.held or done

    def asks_to_release(self, who, draw):
        done = self._try(lambda: holds.ask_release(self.number, actor=self._as(who), justification=WHY, now=self.now))
        assert not done or (self.held and self._works(who))

    def flags(self, who, draw):
        risk = draw(st.sampled_from(["dispute", "fraud"]))
        known = stand(self.ticket).risk_flags.filter(risk=risk).exists()
        allowed = self._works(who) and self.floor is not None and not known
        done = self._try(
            lambda: rules.flag(self.number, actor=self._as(who), risk=risk, note="seen by phone", now=self.now)
        )
        assert done == allowed
        target = {"dispute": 2, "fraud": 3}[risk]
        if done and self.floor < target:
            self._enters(target)

    def merges(self, who, draw):
        """Another ticket of the same customer is merged into this one; the stricter floor and deadline win."""
        floor, ago = draw(st.integers(1, 3)), draw(st.sampled_from([timedelta(0), minutes(1), minutes(9)]))
        pending = self._open().filter(state=Approval.State.PENDING).exclude(kind=Approval.Kind.FLOOR_3).exists()
        allowed = self._works(who) and who in WORKS[floor] and self.floor is not None and not self.held and not pending
        begun = self.now - ago
        with transaction.atomic():
            other = builders.open_ticket(now=begun, body=OPENING[floor])
            done = self._try(
                lambda: merging.merge(other.pk, into=self.number, actor=self._as(who), reason=WHY, now=self.now)
            )
            transaction.set_rollback(not done)  # what was not merged is no part of the story
        assert done == allowed
        if done and floor >= self.floor:
            if floor > self.floor:
                self._enters(floor)
            elif self.due is None:
                self.due, self.left = self.now + self.left, None
            self.due = min(self.due, begun + LIMIT[floor])

    def assigns(self, who, draw):
        whom, works = draw(PEOPLE), self._works(who)  # on Floor 3 they may lose the right to it by the act itself
        done = self._try(
            lambda: assignment.assign(self.number, actor=self._as(who), assignee=self._as(whom), now=self.now)
        )
        assert not done or (works and self.floor is not None and whom in WORKS[1 if self.floor == 3 else self.floor])

    def changes_duty(self, who, draw):
        who = draw(st.sampled_from([who, "specialist", "specialist2"]))
        draw(st.sampled_from([duty.come_on, duty.go_off]))(self._as(who), now=self.now)

    def the_rule_looks(self, who, draw):
        if draw(st.booleans()):
            duty.come_on(self.people.specialist, now=self.now)
        present = set(Duty.objects.present(self.now).values_list("user_id", flat=True))
        before, was_at = self._owner(), stand(self.ticket).version
        taken = taking_back.take_back(self.now)
        assert not taken or (before in self._specialists() and self._owner() is None and self.due)
        given = routing.give_out(self.now)
        assert not given or (self._owner() in self._specialists() & present and self.floor == 2 and self.due)
        assert stand(self.ticket).version == was_at + taken + given
        assert taking_back.take_back(self.now) == routing.give_out(self.now) == 0

    def decides(self, who, draw):
        requests = list(self._open())
        if not requests:
            return
        approval, yes = draw(st.sampled_from(requests)), draw(st.sampled_from([True, True, True, False]))
        if draw(st.integers(0, 2)):  # mostly somebody who may sign, not the one who asked
            who = next(name for name in ("legal", "risk") if self._as(name) != approval.requested_by)
        owed = approval.justification_owed
        act = approvals.approve if yes else approvals.reject
        done = self._try(lambda: act(approval.pk, actor=self._as(who), note=WHY, now=self.now))
        if not done:
            return
        assert approval.requested_by != self._as(who)
        assert who in {"supervisor", "supervisor2", "risk", "legal"}
        if owed or not yes:
            return
        if approval.kind == Approval.Kind.FLOOR_3:
            self._enters(3)
        elif approval.kind == Approval.Kind.HOLD_RELEASE:
            assert self.floor != 3 or who in {"risk", "legal"}
            self.held = False
        else:
            assert who in {"risk", "legal"} and not self.held
            self._leaves()

    # --- what must always be true

    @invariant()
    def the_ticket_is_where_the_model_says(self):
        case = stand(self.ticket)
        assert case.floor == self.floor
        open_visits = list(FloorVisit.objects.filter(escalation_id=self.number, left_at__isnull=True))
        assert len(open_visits) == (0 if self.floor is None else 1)
        if open_visits:
            (visit,) = open_visits
            assert (visit.floor, visit.due_at) == (self.floor, self.due)
            assert (visit.alarmed_at is not None) == self.alarmed

    @invariant()
    def clocks_add_up(self):
        for visit in FloorVisit.objects.filter(escalation_id=self.number).prefetch_related("pauses"):
            pauses = list(visit.pauses.all())
            if visit.left_at:
                assert all(
                    p.ended_at and visit.entered_at <= p.started_at <= p.ended_at <= visit.left_at for p in pauses
                )
            elif visit.due_at:
                paused = sum((p.ended_at - p.started_at for p in pauses), timedelta(0))
                assert visit.due_at == visit.entered_at + visit.limit + paused
        assert Pause.objects.filter(ended_at__isnull=True).count() == (1 if self.floor and self.due is None else 0)

    @invariant()
    def every_change_is_one_link_of_a_whole_chain(self):
        assert AuditEvent.objects.filter(ticket_id=self.number).count() == stand(self.ticket).version
        assert list(audit.verify(self.number)) == []

    @invariant()
    def no_signature_without_right(self):
        for approval in Approval.objects.filter(escalation_id=self.number, decided_by__isnull=False):
            assert approval.decided_by_id != approval.requested_by_id
        assert Hold.objects.filter(escalation_id=self.number, released_at__isnull=True).count() == int(self.held)
        assert not (self.held and self.floor is None)

    @invariant()
    def no_arrival_without_its_letter(self):
        arrivals = AuditEvent.objects.filter(ticket_id=self.number, action__in=["moved", "opened"], floor_to=3).count()
        assert OutboxMessage.objects.filter(ticket_id=self.number, topic="floor_3").count() == arrivals

    # --- helpers

    def _as(self, who):
        return getattr(self.people, who)

    def _owner(self) -> int | None:
        return Ticket.objects.values_list("assignee", flat=True).get(pk=self.number)

    def _specialists(self) -> set[int]:
        return {self.people.specialist.pk, self.people.specialist2.pk}

    def _works(self, who) -> bool:
        """Whether WHO may act: by role, or on Floor 3 as the person called in or the supervisor who sent it."""
        floor = self.floor or self.last_floor
        if who in WORKS[floor]:
            return True
        if floor != 3 or who not in WORKS[1]:
            return False
        return access.can_see(self._as(who), self.number)

    def _pending(self, kind):
        return Approval.objects.filter(escalation_id=self.number, kind=kind, state=Approval.State.PENDING)

    def _open(self):
        requests = Approval.objects.filter(escalation_id=self.number)
        return (
            requests.filter(state=Approval.State.PENDING)
            | requests.filter(state=Approval.State.OVERTAKEN, decided_at__isnull=True)
        ).order_by("pk")

    def _enters(self, floor: int) -> None:
        self.floor, self.last_floor, self.due, self.left, self.alarmed = (
            floor,
            floor,
            self.now + LIMIT[floor],
            None,
            False,
        )

    def _leaves(self) -> None:
        self.floor, self.due, self.left, self.alarmed = None, None, None, False

    def _try(self, act) -> bool:
        before = stand(self.ticket).version
        assigned = Ticket.objects.values_list("assignee", flat=True).get(pk=self.number)
        try:
            act()
        except Refusal as refusal:
            noted = 1 if refusal.code == "held" else 0  # an attempt against a hold is itself put on record
            assert stand(self.ticket).version == before + noted
            assert Ticket.objects.values_list("assignee", flat=True).get(pk=self.number) == assigned
            return False
        return True


def test_random_stories_keep_every_promise(people):
    Desk.people = people
    Trigger.objects.create(
        slug="refunds", name="Refunds", condition='"refund" in text', hold=True, warning="look", valid_from=T0
    )
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=600 if LONG else 60,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
