"""Macros: everything they name, in one transaction, by the verbs that people use, or nothing."""

import pytest
from django.db import IntegrityError, transaction

from escalation import audit, bulk, drafts, holds, macros, moves
from escalation.models import AuditEvent, Macro, Snooze
from policies.models import Script
from tests.builders import CAST, on_floor, open_ticket, stand, visit
from tickets.clock import database_now
from tickets.models import Category, Draft, HouseChange, Tag, Team
from tickets.refusals import Conflict, Invalid, NotAllowed, Refusal


@pytest.fixture
def make(people):
    """Return a function that stores a macro with the effects of FIELDS."""

    def store(actor=None, tags=(), **fields) -> Macro:
        slug = f"m{Macro.objects.count()}"
        macro = Macro(**{"slug": slug, "name": slug.upper(), "keeper": people.admin} | fields)
        macros.store(macro, actor=actor or people.admin, tags=list(Tag.objects.filter(slug__in=tags)))
        return macro

    return store


@pytest.fixture
def ticket(people):
    return open_ticket(now=database_now())


def reply_script() -> Script:
    return Script.objects.in_force().filter(kind=Script.Kind.REPLY).first()


def test_it_does_all_that_it_says_and_the_record_names_it(people, make, ticket):
    damage, team = Category.objects.get(slug="damage"), Team.objects.get(slug="specialists")
    script = reply_script()
    macro = make(tags=["vip"], category=damage, team=team, owner="me", script=script.slug, snooze="24")
    drafts.keep(ticket.pk, actor=people.agent, body="Dear Carla,")
    macros.run(ticket.pk, actor=people.agent, macro=macro)
    ticket.refresh_from_db()
    assert (ticket.category, ticket.team, ticket.assignee) == (damage, team, people.agent)
    assert [tag.slug for tag in ticket.tags.all()] == ["vip"]
    draft = Draft.objects.get(ticket=ticket, author=people.agent)
    assert draft.body.startswith("Dear Carla,\n\n") and draft.script == script.slug
    assert Snooze.objects.get(ticket=ticket).user == people.agent
    assert ticket.messages.count() == 1, "a macro sends nothing"
    run = AuditEvent.objects.get(ticket=ticket, action="macro_run")
    assert (run.person, run.data["macro"], run.data["category"]) == (people.agent, macro.slug, "damage")
    assert not list(audit.verify(ticket.pk))


def test_one_refused_effect_undoes_all_others(people, make, ticket):
    macro = make(tags=["vip"], owner="me", wait=True)
    late = visit(ticket).due_at
    before = stand(ticket).version
    with pytest.raises(Refusal):
        macros.run(ticket.pk, actor=people.agent, macro=macro, now=late)
    ticket.refresh_from_db()
    assert (ticket.assignee, ticket.tags.count(), stand(ticket).version) == (None, 0, before)


def test_waiting_stops_the_clock_and_a_note_is_never_turned_into_a_reply(people, make, ticket):
    macros.run(ticket.pk, actor=people.agent, macro=make(wait=True))
    assert visit(ticket).due_at is None
    drafts.keep(ticket.pk, actor=people.agent, body="She has called before", kind="note")
    with pytest.raises(Conflict, match="keep the note first"):
        macros.run(ticket.pk, actor=people.agent, macro=make(tags=["vip"], script=reply_script().slug))
    assert Draft.objects.get(ticket=ticket).kind == "note" and not ticket.tags.exists()


def test_only_who_works_on_the_ticket_runs_it(people, make, ticket):
    macro, third = make(tags=["vip"]), on_floor(3, people, now=database_now())
    may = {}
    for number in (ticket.pk, third.pk):
        for name in CAST:
            try:
                macros.run(number, actor=getattr(people, name), macro=macro)
                may.setdefault(number, set()).add(name)
            except Refusal:
                continue
    first_line = {"agent", "agent2", "specialist", "specialist2", "supervisor", "supervisor2", "risk", "legal"}
    assert may == {ticket.pk: first_line, third.pk: {"risk", "legal", "supervisor"}}  # she signed


def test_on_a_resolved_ticket_it_is_refused_as_a_whole(people, make, ticket):
    moves.resolve(ticket.pk, actor=people.agent, summary="It has arrived")
    with pytest.raises(Conflict):
        macros.run(ticket.pk, actor=people.agent, macro=make(tags=["vip"], owner="me"))
    assert not ticket.tags.exists()


def test_in_bulk_each_ticket_answers_for_itself(people, make):
    one, two = (open_ticket(now=database_now()) for _n in range(2))
    moves.resolve(two.pk, actor=people.agent, summary="It has arrived")
    macro = make(tags=["vip"], owner="me")
    found = bulk.carry_out([one.pk, two.pk], actor=people.agent, act="macro", details={"macro": macro})
    assert [(row.outcome, row.code) for row in found] == [("changed", ""), ("skipped", "resolved")]
    with pytest.raises(Invalid):
        bulk.carry_out([one.pk], actor=people.agent, act="macro")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "empty"),
        ({"script": "no-such"}, "unknown"),
        ({"script": "refund-approved", "wait": True}, "waits_after_sending"),
    ],
)
def test_what_makes_no_sense_is_not_kept(fields, code, make):
    with pytest.raises(Invalid) as refusal:
        make(**fields)
    assert refusal.value.code == code and not Macro.objects.exists()


def test_the_database_refuses_a_text_with_a_stopped_clock(people):
    with pytest.raises(IntegrityError), transaction.atomic():
        Macro.objects.create(slug="x", name="X", keeper=people.admin, script="s", wait=True)


def test_administrators_keep_them_with_a_history(people, make):
    for name in set(CAST) - {"admin"}:
        with pytest.raises(NotAllowed):
            make(actor=getattr(people, name), tags=["vip"])
    macro = make(tags=["vip"])
    macro.is_offered, macro.owner = False, "me"
    macros.store(macro, actor=people.admin, tags=[])
    changed = HouseChange.objects.first()
    assert changed.about == f"macro {macro.slug}"
    assert changed.data == {"is_offered": [True, False], "owner": ["", "me"], "tags": [["vip"], []]}
    with pytest.raises(Invalid):
        macros.offered(macro.slug)


def test_a_hold_does_not_forbid_what_it_does_not_name(people, make, ticket):
    holds.place(ticket.pk, actor=people.agent, reason="wait for the police report")
    macros.run(ticket.pk, actor=people.agent, macro=make(tags=["vip"]))
    assert ticket.tags.exists()
