"""The archive of decisions: searchable, offered in like cases, masked; and the review of its gaps (P4)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains, assertNotContains

from escalation import approvals, decisions, masking, moves, precedents
from escalation.models import Decision, FloorVisit
from metrics import gaps
from metrics.models import GapAnswer, Rating
from policies.models import PolicyDraft
from tests.builders import T0, minutes, on_floor, open_ticket
from tickets.clock import database_now
from tickets.models import Customer, Ticket
from tickets.refusals import Conflict, NotAllowed, NotFound

LAMP = "The lamp of Carla Conti (carla@example.org, +39 06 1234567) broke on the way."


def decide(people, who="agent", ticket=None, **fields) -> Decision:
    ticket = ticket or open_ticket()
    fields = {"problem": "damage", "remedy": "refund", "amount": Decimal(10), "rationale": LAMP, "now": T0} | fields
    return decisions.decide(ticket.pk, actor=getattr(people, who), **fields)


def test_the_archive_is_searched_and_filtered(people, visit):
    decide(people)
    decide(people, remedy="apology", amount=None, rationale="Rude words at the counter", problem="service")
    client = visit(people.agent)
    assertContains(client.get("/desk/decisions/"), "Rude words")
    found = client.get("/desk/decisions/?q=lamp+broke&problem=damage")
    assertContains(found, "The lamp of")
    assertNotContains(found, "Rude words")
    assertContains(client.get("/desk/decisions/?q=unicorn"), "No decision fits")
    assertContains(client.get("/desk/decisions/?problem=moon"), "left out", status_code=400)
    # The archive is searched as everything is: by stems, phrases and operators, and says what it does not understand.
    for asked, there in (("lamps", True), ('"broke on the way"', True), ("-lamp", False), ("lamp floor:2", False)):
        page = client.get("/desk/decisions/", {"q": asked}).content.decode()
        assert ("The lamp of" in page) == there, asked
    assertContains(client.get("/desk/decisions/?q=flor:2"), "flor", status_code=400)


def test_the_archive_lists_so_many_and_asks_no_more_for_each(people, visit, monkeypatch, django_assert_max_num_queries):
    made = [decide(people, ticket=open_ticket(customer_email=f"c{n}@example.org")) for n in range(4)]
    client = visit(people.agent)
    monkeypatch.setattr(precedents, "LISTED", 3)
    with django_assert_max_num_queries(12):
        page = client.get("/desk/decisions/")
    assert [row.pk for row in page.context["page"]] == [row.pk for row in reversed(made)][:3]
    assert page.context["count"] == "3+"
    assert precedents.newest(people.stranger) == []


@pytest.mark.parametrize(
    ("index", "filters"),
    [
        ("decision_by_remedy", {"remedy": "repair"}),
        ("decision_by_verdict", {"verdict": "no_rule"}),
        ("decision_by_category", {"facts__category": "warranty"}),
    ],
)
def test_the_archive_finds_what_hardly_any_has_by_an_index(people, index, filters):
    for _ in range(3):
        decide(people)
    with CaptureQueriesContext(connection) as asked:
        assert precedents.newest(people.agent, **filters) == []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {asked[-1]['sql']}")
        plan = "".join(line for (line,) in cursor.fetchall())
    assert index in plan and "Sort" not in plan, plan


def test_why_a_decision_differs_is_masked_as_its_reason_is(people, visit):
    for n in range(3):
        decide(people, ticket=open_ticket(customer_email=f"c{n}@example.org"))
    because = "Carla Conti asked for kind words only (carla@example.org)"
    decide(people, remedy="apology", amount=None, departs_because=because, rationale="Kind words")
    page = visit(people.manager).get("/desk/decisions/").content.decode()
    assert "asked for kind words only" in page and "Conti" not in page[page.index("log-table") :]
    assertContains(visit(people.specialist).get("/desk/decisions/"), "Carla Conti asked for")


def test_who_does_not_work_on_tickets_reads_no_names(people, visit):
    decide(people)
    for name in ("manager", "policy", "executive", "admin"):
        page = visit(getattr(people, name)).get("/desk/decisions/").content.decode()
        row = page[page.index("log-table") :]
        assert "lamp" in row and not any(word in row for word in ("Carla", "Conti", "carla@", "1234567")), name
    assertContains(visit(people.specialist).get("/desk/decisions/"), "Carla Conti")
    assert visit(people.stranger).get("/desk/decisions/").status_code == 403


@pytest.mark.parametrize(
    ("name", "said", "read"),
    [("José Álvarez", "Jose ALVAREZ's ring; josé again", "▒▒▒ ▒▒▒'s ring; ▒▒▒ again"),
     ("Li Wei", "Li asked; the list of Wei's orders, gli anelli", "▒▒▒ asked; the list of ▒▒▒'s orders, gli anelli"),
     ("Anna di Marco", "Marco comes from Anna's house di Roma", "▒▒▒ comes from ▒▒▒'s house ▒▒▒ Roma"),
     ("Groß", "Frau Groß und Frau Gross", "Frau ▒▒▒ und Frau ▒▒▒"),
     ("a.b (c)*", "a.b is no pattern: axb stays", "▒▒▒ is no pattern: axb stays")],
)  # fmt: skip
def test_names_are_masked_as_people_write_them(name, said, read):
    assert masking.masked(said, Customer(name=name)) == read


def test_what_is_on_floor_3_is_out_of_sight_in_every_list(people, visit):
    ticket = on_floor(3, people)
    asked = decide(people, "risk", ticket, rationale="Secret of the vault", now=T0 + minutes(2))
    approvals.approve(asked.approval_id, actor=people.legal, note="I agree with this", now=T0 + minutes(3))
    for name in ("agent", "specialist", "manager", "supervisor2"):
        client = visit(getattr(people, name))
        assertNotContains(client.get("/desk/decisions/?q=vault"), "Secret")
        other = Ticket.objects.get(pk=open_ticket().pk)
        assert precedents.similar(other, getattr(people, name), problem="damage") == []
    assertContains(visit(people.legal).get("/desk/decisions/?q=vault"), "Secret of the vault")


def test_similar_ones_are_offered_with_the_reason_and_counted_when_followed(people, visit):
    first = decide(people)
    decide(people, rationale="The vase had a crack")
    ticket = Ticket.objects.get(pk=open_ticket(subject="My lamp is broken", now=None).pk)
    found = precedents.similar(ticket, people.agent, problem="damage", remedy="refund", words="lamp")
    assert found[0].decision == first and "same remedy" in found[0].reasons and "similar words" in found[0].reasons
    client = visit(people.agent)
    fields = {"problem": "damage", "remedy": "refund", "amount": "5", "rationale": "As with the other lamp"}
    page = client.post(f"/desk/tickets/{ticket.pk}/decide/", fields | {"do": "ask"})
    assertContains(page, "same problem, same remedy")
    client.post(f"/desk/tickets/{ticket.pk}/decide/", fields | {"do": "decide", "cites": [first.pk]})
    assert list(Decision.objects.latest("pk").cites.all()) == [first]
    with CaptureQueriesContext(connection) as queries:
        assertContains(client.get("/desk/decisions/"), "cited 1 time")
    assert len(queries) <= 14


@pytest.mark.parametrize(
    ("language", "kept", "asked"),
    [("en", "The clasps were broken", "clasp"), ("it", "Gli anelli erano graffiati", "un anello graffiato"),
     ("pt", "As pulseiras chegaram partidas", "pulseira partida"),
     ("en", "The neklace came torn", "necklace came torn")],
)  # fmt: skip
def test_words_are_alike_by_their_stems_and_in_spite_of_slips(people, language, kept, asked):
    mine = decide(people, ticket=open_ticket(language=language, customer_email="a@example.org"), rationale=kept)
    for number in range(3):
        decide(people, ticket=open_ticket(customer_email=f"{number}@example.org"), rationale="The vase had a hole")
    ticket = open_ticket(subject=asked, language=language, customer_email="z@example.org")
    found = precedents.similar(Ticket.objects.get(pk=ticket.pk), people.agent, problem="damage")
    assert found[0].decision == mine and "similar words" in found[0].reasons
    assert "similar words" not in found[1].reasons


def test_who_signs_a_decision_sees_similar_ones(people, visit):
    decide(people)
    ticket = open_ticket(subject="My lamp is broken", now=None, customer_email="e@example.org")
    asked = decide(people, amount=Decimal(500), ticket=ticket, rationale="The lamp of another shop", now=None)
    page = visit(people.supervisor).get(f"/desk/approvals/{asked.approval_id}/")
    assertContains(page, "same problem, same remedy")
    moved = moves.escalate(on_floor(2, people).pk, actor=people.specialist, justification="Risk must see it at once")
    assertNotContains(visit(people.supervisor).get(f"/desk/approvals/{moved.pk}/"), "Similar cases")


def test_similar_ones_hide_names_from_those_who_do_not_work_on_such_tickets(people, visit):
    decide(people, "specialist", ticket=on_floor(2, people))
    ticket = open_ticket(subject="My lamp is broken", now=None, customer_email="d@example.org", customer_name="Dora")
    asked = {"problem": "damage", "remedy": "refund", "amount": "5", "do": "ask"}
    for name, reads in (("agent", False), ("specialist", True)):
        page = visit(getattr(people, name)).post(f"/desk/tickets/{ticket.pk}/decide/", asked).content.decode()
        assert "broke on the way" in page and ("Carla Conti" in page) == reads, name


@pytest.fixture
def gap(people) -> Decision:
    """Decided where the matrix has no rule."""
    return decide(people, problem="product_question")


def test_gaps_are_no_rule_overruled_and_bad_ratings(people, gap):
    overruled = decide(people, amount=Decimal(500), ticket=open_ticket(customer_email="b@example.org"))
    approvals.reject(overruled.approval_id, actor=people.supervisor, note="Far too much for it", now=T0 + minutes(1))
    sad = decide(people, ticket=open_ticket(customer_email="c@example.org"))
    moves.resolve(sad.escalation_id, actor=people.agent, summary="Paid", now=T0 + minutes(1))
    stay = FloorVisit.objects.get(escalation_id=sad.escalation_id)
    Rating.objects.create(ticket_id=sad.escalation_id, visit=stay, score=1, rated_at=T0 + minutes(5))
    decide(people, ticket=open_ticket(customer_email="d@example.org"))
    found = {g.decision: g.why for g in gaps.waiting(people.manager, T0 + minutes(9))}
    assert found == {gap: ("no rule",), overruled: ("overruled",), sad: ("bad rating after it",)}
    assert gaps.waiting(people.manager, T0 + timedelta(days=91)) == []


def test_a_gap_becomes_a_draft_or_is_dismissed_with_a_reason(people, gap, visit):
    client = visit(people.policy)
    path = f"/desk/decisions/gaps/{gap.pk}/"
    assert client.post(path, {"do": "dismissed", "reason": ""}).status_code == 400
    answer = client.post(path, {"do": "drafted", "reason": "We answer these every day"})
    draft = PolicyDraft.objects.get()
    assert answer.url == f"/desk/policies/drafts/{draft.pk}/"
    assert (draft.key, draft.terms["up_to"], draft.why) == (
        "product-question-refund", "10.00", "We answer these every day",
    )  # fmt: skip
    again = client.post(path, {"do": "dismissed", "reason": "No change is needed"})
    assert again.status_code == 409
    assert gaps.waiting(people.policy, database_now()) == []


def test_answers_about_tickets_out_of_sight_are_not_listed(people, visit):
    secret = decide(people, "legal", on_floor(3, people), rationale="She holds the missing ring")
    gaps.dismiss(decide(people).pk, reason="The lamp was a single case", actor=people.manager, now=T0)
    GapAnswer.objects.create(
        decision=secret, answer="dismissed", reason="Nobody may know", answered_by=people.supervisor, answered_at=T0
    )
    page = visit(people.manager).get("/desk/decisions/gaps/")
    assertContains(page, "The lamp was a single case")
    assertNotContains(page, "Nobody may know")


def test_who_reviews_gaps(people, gap, visit):
    for name in ("manager", "supervisor", "policy", "admin"):
        assert visit(getattr(people, name)).get("/desk/decisions/gaps/").status_code == 200
    for name in ("agent", "specialist", "executive", "legal", "stranger"):
        assert visit(getattr(people, name)).get("/desk/decisions/gaps/").status_code == 403
        with pytest.raises(NotAllowed):
            gaps.dismiss(gap.pk, reason="It is as it should be", actor=getattr(people, name), now=T0)
    with pytest.raises(NotAllowed):
        gaps.draft_change(gap.pk, reason="It is as it should be", actor=people.manager, now=T0)
    with pytest.raises(NotFound):
        gaps.dismiss(10**9, reason="It is as it should be", actor=people.manager, now=T0)
    gaps.dismiss(gap.pk, reason="It is as it should be", actor=people.manager, now=T0)
    with pytest.raises(Conflict):
        gaps.dismiss(gap.pk, reason="It is as it should be", actor=people.manager, now=T0)
    assert GapAnswer.objects.get().answer == "dismissed"
