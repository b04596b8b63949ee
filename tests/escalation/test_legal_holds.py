"""What courts and authorities may ask for is neither merged nor erased until two people release it."""

from datetime import timedelta

import pytest
from django.db import Error, IntegrityError, connection, transaction

from escalation import audit, erasure, holds, legal_holds, merging, moves
from escalation.models import AuditEvent, Blocked, LegalHold
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
