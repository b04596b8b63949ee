"""The search page and the lines of the palette."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from escalation import conversation, decisions
from tests import builders
from tests.desk.test_ticket_page import XSS
from tickets import vocabulary

SEARCH = "/desk/search/"
PALETTE = "/desk/search/palette/"
WHY = "a reason that is long enough"


def test_a_hit_leads_to_its_ticket_and_shows_the_words_in_it(people, visit, fresh):
    ticket = fresh(subject="A ring & a box", body="The clasp <b>of the bracelet</b> came off.")
    page = visit(people.agent).get(SEARCH, {"q": "bracelet"})
    assertContains(page, f'href="/desk/tickets/{ticket.pk}/"')
    assertContains(page, "&lt;b&gt;of the <mark>bracelet</mark>&lt;/b&gt;")
    assertContains(page, "A ring &amp; a box")
    assertContains(visit(people.agent).get(SEARCH, {"q": "rings"}), "A <mark>ring</mark> &amp; a box")


def test_each_kind_has_a_tab_with_its_count(people, visit, fresh):
    ticket = fresh(subject="Hello", body="A perplexing matter", customer_name="Zoe Perplexing")
    note = conversation.note(ticket.pk, actor=people.agent, body="Perplexing indeed")
    decisions.decide(
        ticket.pk, actor=people.agent, problem="damage", remedy="apology", rationale="Perplexing enough for an apology"
    )
    client = visit(people.agent)

    def tab(kind: str, q: str = "perplexing"):
        return client.get(SEARCH, {"q": q, "kind": kind})

    assertContains(tab("messages"), f'href="/desk/tickets/{ticket.pk}/#m{note.pk}"')
    assertContains(tab("messages"), "internal note")
    assertContains(tab("customers"), "Zoe <mark>Perplexing</mark>")
    assertContains(tab("decisions"), f'href="/desk/tickets/{ticket.pk}/case/"')
    assertContains(tab("scripts", "order"), 'href="/desk/knowledge/order-status/"')
    for label, count in (("Tickets", 1), ("Messages", 2), ("Customers", 1), ("Knowledge", 0), ("Decisions", 1)):
        assertContains(tab("tickets"), f'{label} <span class="muted">{count}</span>')


def test_who_does_not_work_on_such_tickets_reads_reasons_without_names(people, visit, fresh):
    """The archive masks them, so a search, which finds the same reasons, must."""
    named = ("Carla", "Conti", "carla@", "1234567")
    why = "Vitrine of Carla Conti (carla@example.org, +39 06 1234567) broke"
    first, second = fresh(), builders.on_floor(2, people)
    for ticket, actor in ((first, people.agent), (second, people.specialist)):
        decisions.decide(ticket.pk, actor=actor, problem="damage", remedy="apology", rationale=why)
    workers = {first.pk: {"agent", "specialist", "supervisor", "risk", "legal"}}
    workers[second.pk] = workers[first.pk] - {"agent"}
    for name, person in vars(people).items():
        client = visit(person)
        for kind in ("tickets", "decisions"):
            lines = client.get(SEARCH, {"q": "vitrine", "kind": kind}).context["found"]
            assert {line.ticket for line, _url in lines} == (set() if name == "stranger" else set(workers)), name
            for line, _url in lines:
                reads = "".join(text for text, _marked in line.excerpt)
                assert reads.startswith("Vitrine of") and reads.endswith("broke"), reads
                full = name.rstrip("2") in workers[line.ticket]
                assert all((word in reads) == full for word in named), (name, kind, reads)
        assertNotContains(client.get(PALETTE, {"q": "vitrine"}), "1234567")


def test_a_number_jumps_and_operators_can_be_taken_away(people, visit, brought):
    ticket = brought(2, subject="Bracelet")
    client = visit(people.specialist)
    assertRedirects(client.get(SEARCH, {"q": f"#{ticket.pk}"}), f"/desk/tickets/{ticket.pk}/")
    assertContains(client.get(SEARCH, {"q": "#99999999"}), "nothing found")
    page = client.get(SEARCH, {"q": "bracelet floor:2 is:open"})
    assertContains(page, 'href="/desk/search/?q=bracelet+is%3Aopen"')
    assertContains(client.get(SEARCH, {"q": "bracelet floor:7"}), "means nothing after", status_code=400)
    assertContains(client.get(SEARCH, {"q": "bracelet foo:7"}), "There is no operator", status_code=400)


def test_no_words_and_nothing_found_say_what_can_be_typed(people, visit, fresh):
    fresh(body="A necklace")
    vocabulary.learn(seconds=5, now_too=True)
    client = visit(people.agent)
    for q in ("", "qwertyuiop", "???"):
        assertContains(client.get(SEARCH, {"q": q}), "is:late")
    assertContains(client.get(SEARCH, {"q": "???"}), "There is no word")
    assertContains(client.get(SEARCH, {"q": "neclkace"}), '<a href="/desk/search/?q=necklace">necklace</a>')


def test_who_has_no_role_finds_nothing(people, visit, fresh):
    fresh(subject="Bracelet")
    for address in (SEARCH, PALETTE):
        page = visit(people.stranger).get(address, {"q": "bracelet"})
        assertNotContains(page, "/desk/tickets/1")
    assertNotContains(visit(people.stranger).get(PALETTE, {"q": "agent"}), "owner")


def test_markup_is_text_everywhere(people, visit, fresh):
    ticket = fresh(subject=XSS, body=XSS, customer_name=XSS)
    client = visit(people.agent)
    for kind in ("tickets", "messages", "customers"):
        for q in ("alert", XSS):
            page = client.get(SEARCH, {"q": q, "kind": kind}).content.decode()
            assert "<script>alert" not in page and "<img src=x" not in page
    lines = client.get(PALETTE, {"q": "alert"}).content.decode()
    assert f"/desk/tickets/{ticket.pk}/" in lines and "<script>alert" not in lines


def test_the_palette_shows_tickets_customers_scripts_colleagues_and_the_way_on(people, visit, brought):
    secret = brought(3, subject="Agent of change", body="agent", customer_email="agent.x@example.org")
    plain = brought(1, subject="Agent of nothing")
    lines = visit(people.agent2).get(PALETTE, {"q": "agent"})
    assertContains(lines, f'href="/desk/tickets/{plain.pk}/"')
    assertNotContains(lines, f"/desk/tickets/{secret.pk}/")
    assertNotContains(lines, "agent.x@example.org")
    assertContains(lines, "owner%3Aagent%40example.com")
    assertContains(lines, 'href="/desk/search/?q=agent"')
    assertContains(visit(people.legal).get(PALETTE, {"q": f"#{secret.pk}"}), f"/desk/tickets/{secret.pk}/")
    assertNotContains(visit(people.agent).get(PALETTE, {"q": f"#{secret.pk}"}), f'href="/desk/tickets/{secret.pk}/"')
    assertContains(visit(people.agent).get(PALETTE, {"q": "floor:9"}), "means nothing after")


@pytest.mark.parametrize(
    "place", ["page=2", "page=x&begun=1", "page=999&begun=9999999999999999", "begun=-1", "kind=sql"]
)
def test_a_made_up_place_does_no_harm(people, visit, fresh, place):
    fresh(subject="Bracelet")
    assert visit(people.agent).get(f"{SEARCH}?q=bracelet&{place}").status_code == 200


def test_pages_follow_each_other(people, visit):
    for n in range(27):
        builders.open_ticket(subject=f"Bracelet {n}", now=None)
    client = visit(people.agent)
    first = client.get(SEARCH, {"q": "bracelet"})
    assertContains(first, "data-row-link", count=25)
    assertContains(client.get(first.context["next_url"]), "data-row-link", count=2)


def test_the_page_costs_few_queries(people, visit, fresh, django_assert_max_num_queries):
    for n in range(5):
        fresh(subject=f"Bracelet {n}", body="bracelet")
    client = visit(people.agent)
    client.get(SEARCH, {"q": "bracelet"})
    with django_assert_max_num_queries(20):
        client.get(SEARCH, {"q": "bracelet is:open"})
