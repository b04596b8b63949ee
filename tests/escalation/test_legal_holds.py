"""What courts and authorities may ask for is neither merged nor erased until two people release it."""

from datetime import timedelta

import pytest
from django.db import Error, IntegrityError, connection, transaction

from escalation import audit, erasure, holds, legal_holds, merging, moves, reminders
from escalation.models import AuditEvent, Blocked, LegalHold, OutboxMessage
from helpdesk import letters
from helpdesk.models import Notification
from helpdesk.notifications import audiences, events
from tests.builders import T0, minutes, on_floor, open_ticket, stand
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound

WHY = "a court has asked for this case"
NEXT_YEAR = (T0 + timedelta(days=365)).date()


def place(ticket, actor, **more) -> LegalHold:
    return legal_holds.on_ticket(ticket.pk, actor=actor, **{"reason": WHY, "review_on": NEXT_YEAR, "now": T0} | more)


@pytest.fixture
def solved(people):
    ticket = open_ticket()
    moves.resolve(ticket.pk, actor=people.agent, summary="It came.", now=T0)
    return ticket


def last(ticket) -> AuditEvent:
    return AuditEvent.objects.filter(ticket=ticket).latest("seq")


@pytest.mark.parametrize("on", ["ticket", "customer"])
def test_kept_ticket_is_neither_merged_nor_erased_and_each_attempt_is_on_record(people, solved, on):
    other = open_ticket()
    if on == "ticket":
        place(solved, people.legal)
    else:
        legal_holds.on_customer(solved.customer_id, actor=people.risk, reason=WHY, review_on=NEXT_YEAR, now=T0)
    for act, attempted in (
        (lambda: merging.merge(solved.pk, into=other.pk, actor=people.agent, reason=WHY, now=T0), "merge"),
        (lambda: erasure.erase(solved.pk, by=audit.person(people.legal), ground="asked", now=T0), "erase"),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "held" and "legal hold" in refused.value.detail
        assert (last(solved).action, last(solved).data) == ("action_blocked", {"attempted": attempted})
    assert not list(audit.verify())


def test_release_takes_two_of_risk_and_legal(people, solved):
    hold = place(solved, people.legal)
    with pytest.raises(Conflict):
        legal_holds.release(hold.pk, actor=people.risk, note=WHY)
    legal_holds.ask_release(hold.pk, actor=people.legal, reason="the case is closed", now=T0)
    with pytest.raises(NotAllowed) as refused:
        legal_holds.release(hold.pk, actor=people.legal, note=WHY)
    assert refused.value.code == "four_eyes"
    legal_holds.release(hold.pk, actor=people.risk, note="I agree with Legal", now=T0 + minutes(1))
    assert not legal_holds.covering(solved).exists() and LegalHold.objects.get().released_by == people.risk
    actions = list(AuditEvent.objects.filter(ticket=solved).order_by("seq").values_list("action", flat=True))[-3:]
    assert actions == ["legal_hold_placed", "legal_release_asked", "legal_hold_released"]
    with pytest.raises(Conflict):
        legal_holds.ask_release(hold.pk, actor=people.legal, reason=WHY)
    place(solved, people.risk)


def test_nobody_else_places_or_releases_one(people, solved):
    hold = place(solved, people.legal)
    others = set(vars(people)) - {"risk", "legal", "stranger"}
    for name in others:
        who = getattr(people, name)
        for act in (
            lambda who=who: place(solved, who),
            lambda who=who: legal_holds.on_customer(solved.customer_id, actor=who, reason=WHY, review_on=NEXT_YEAR),
            lambda who=who: legal_holds.ask_release(hold.pk, actor=who, reason=WHY),
            lambda who=who: legal_holds.release(hold.pk, actor=who, note=WHY),
        ):
            with pytest.raises(NotAllowed):
                act()
    with pytest.raises(NotFound):
        place(on_floor(3, people), people.agent)


def test_what_makes_no_sense_is_refused(people, solved):
    for wrong in ({"reason": "ok"}, {"review_on": T0.date()}):
        with pytest.raises(Invalid):
            place(solved, people.legal, **wrong)
    place(solved, people.legal)
    with pytest.raises(Conflict):
        place(solved, people.risk)
    with pytest.raises(NotFound):
        legal_holds.on_customer(10**9, actor=people.legal, reason=WHY, review_on=NEXT_YEAR)


def test_database_keeps_the_row_and_four_eyes(people, solved):
    hold = place(solved, people.legal)
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM escalation_legalhold")
    rows = LegalHold.objects.filter(pk=hold.pk)
    for wrong in (
        {"released_at": T0, "released_by": people.legal},
        {"released_at": T0, "released_by": people.legal, "release_asked_by": people.legal},
        {"customer": solved.customer},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


def test_hold_is_given_to_somebody_who_works_on_the_floor(people):
    ticket = on_floor(2, people)
    holds.place(ticket.pk, actor=people.specialist, reason=WHY, now=T0)
    holds.reassign(ticket.pk, actor=people.supervisor, owner=people.specialist2, now=T0)
    assert stand(ticket).holds.get().owner == people.specialist2
    assert last(ticket).data["to"] == people.specialist2.pk and Blocked.MERGE in stand(ticket).holds.get().blocks
    for who, owner in ((people.manager, people.supervisor), (people.agent, people.supervisor)):
        with pytest.raises(NotAllowed):
            holds.reassign(ticket.pk, actor=who, owner=owner)
    with pytest.raises(Invalid):
        holds.reassign(ticket.pk, actor=people.supervisor, owner=people.manager)
    with pytest.raises(Conflict):
        holds.reassign(open_ticket().pk, actor=people.supervisor, owner=people.agent)


@pytest.mark.parametrize("on", ["ticket", "customer"])
def test_risk_and_legal_are_reminded_every_week_from_the_day_of_review_until_it_is_released(people, solved, on):
    day = T0 + timedelta(days=10)
    if on == "ticket":
        hold = place(solved, people.legal, review_on=day.date())
    else:
        fields = {"actor": people.legal, "reason": WHY, "review_on": day.date(), "now": T0}
        hold = legal_holds.on_customer(solved.customer_id, **fields)
    owed = OutboxMessage.objects.filter(topic="legal_hold_review")
    for days, count in ((-1, 0), (0, 1), (1, 1), (6, 1), (7, 2), (8, 2)):
        reminders.remind(day + timedelta(days=days))
        assert owed.count() == count, days
    owed.update(next_attempt_at=T0)
    letters.relay()
    told = Notification.objects.filter(topic="legal_hold_review")
    assert {row.recipient for row in told} == {people.risk, people.legal}
    where = f"/desk/tickets/{solved.pk}/case/" if on == "ticket" else f"/desk/customers/{solved.customer_id}/privacy/"
    row = told.first()
    assert events.address(row.topic, row.ticket_id, row.facts) == where
    legal_holds.ask_release(hold.pk, actor=people.legal, reason="the case is closed", now=T0)
    legal_holds.release(hold.pk, actor=people.risk, note="I agree with Legal", now=T0 + minutes(1))
    reminders.remind(day + timedelta(days=14))
    assert owed.count() == 2
    assert not audiences.legal_reviewers(owed.first())
