"""The queue: order, views, filters, pages, polling, and what it costs."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from escalation import assignment, conversation, holds, moves, waiting
from helpdesk import presence
from tests import builders
from tests.builders import minutes
from tickets.models import Channel, Tag, Ticket

WHY = "a reason that is long enough"


def numbers(answer) -> list[int]:
    return [int(n) for n in re.findall(r"href=/desk/tickets/(\d+)/[ \w=-]*>#", answer.content.decode())]


def opened(ago: float, **fields):
    return builders.open_ticket(now=timezone.now() - minutes(ago), **fields)


def test_late_tickets_come_first_then_least_time_left_and_waiting_ones_last(people, visit):
    fresh, late, older, waits = opened(1), opened(20), opened(9), opened(5)
    waiting.wait(waits.pk, actor=people.agent)
    assert numbers(visit(people.agent).get("/desk/")) == [late.pk, older.pk, fresh.pk, waits.pk]


def test_each_view_holds_what_its_name_says(people, visit):
    plain, mine, late, waits, held, done = (opened(n) for n in (1, 2, 20, 3, 4, 5))
    high = builders.on_floor(2, people, now=timezone.now())
    assignment.assign(mine.pk, actor=people.agent, assignee=people.agent)
    waiting.wait(waits.pk, actor=people.agent)
    holds.place(held.pk, actor=people.agent, reason=WHY)
    moves.resolve(done.pk, actor=people.agent, summary=WHY)
    views = {
        "": {plain, mine, late, waits, held, high},
        "mine": {mine},
        "floor": {plain, mine, late, waits, held},
        "unassigned": {plain, late, waits, held},
        "risk": {late},
        "waiting": {waits},
        "held": {held},
        "today": {done},
        "closed": {done},
        "all": {plain, mine, late, waits, held, high, done},
    }
    client = visit(people.agent)
    got = {view: set(numbers(client.get("/desk/", {"view": view}))) for view in views}
    assert got == {view: {ticket.pk for ticket in tickets} for view, tickets in views.items()}


@pytest.mark.parametrize(
    "query",
    ["floor=2", "assignee=me", "team=specialists", "channel=phone", "category=damage", "tag=vip", "risk=dispute",
     "held=true", "status=pending", "language=pt", "age=3", "q=Marmalade", "q=zoe@example.org"],
)  # fmt: skip
def test_each_filter_narrows_to_what_it_names(query, people, visit):
    from tickets.models import Category

    opened(1)
    wanted = opened(
        1, subject="Marmalade jar broken", channel="phone", customer_email="zoe@example.org",
        category=Category.objects.get(slug="damage"), tags=[Tag.objects.get(slug="vip")], language="pt",
    )  # fmt: skip
    Ticket.objects.filter(pk=wanted.pk).update(created_at=timezone.now() - timedelta(days=4))
    moves.escalate(wanted.pk, actor=people.agent, justification=WHY)
    from escalation import rules

    rules.flag(wanted.pk, actor=people.specialist, risk="dispute", note=WHY)
    holds.place(wanted.pk, actor=people.specialist, reason=WHY)
    assignment.assign(wanted.pk, actor=people.specialist, assignee=people.specialist)
    waiting.wait(wanted.pk, actor=people.specialist)
    assert numbers(visit(people.specialist).get(f"/desk/?{query}")) == [wanted.pk]


def test_a_filter_that_means_nothing_is_shown_and_can_be_taken_away(people, visit):
    ticket = opened(1)
    answer = visit(people.agent).get("/desk/?floor=9&tag=<b>&colour=red&view=mine")
    assertContains(answer, "not understood, left out", count=3)
    assertContains(answer, "&lt;b&gt;")
    assertContains(answer, 'href="/desk/?tag=%3Cb%3E&amp;colour=red&amp;view=mine"')
    assert numbers(visit(people.agent).get("/desk/?floor=9&colour=red")) == [ticket.pk]


@pytest.mark.parametrize("cursor", ["x", "-.1", "1.1", "99999999999999999.999999999999999999", "1;2", "\x00"])
def test_a_made_up_place_in_the_list_is_no_error(cursor, people, visit):
    opened(1)
    client = visit(people.agent)
    assert client.get("/desk/", {"after": cursor}).status_code == 200
    assert client.get("/desk/", {"before": cursor}).status_code == 200


@pytest.mark.parametrize("view", ["", "closed", "all"])
def test_pages_forward_and_back_show_every_ticket_once(view, people, visit, monkeypatch):
    from helpdesk.desk import paging

    monkeypatch.setattr(paging.read, "__kwdefaults__", paging.read.__kwdefaults__ | {"size": 3})
    tickets = [opened(n % 4) for n in range(8)]
    for ticket in tickets[:2]:
        waiting.wait(ticket.pk, actor=people.agent)
    if view == "closed":
        for ticket in tickets:
            moves.resolve(ticket.pk, actor=people.agent, summary=WHY)
    client = visit(people.agent)
    pages, address = [], f"/desk/?view={view}"
    while address:
        answer = client.get(address)
        pages.append(numbers(answer))
        found = re.search(r'rel="next" href="([^"]+)"', answer.content.decode())
        address = found and found.group(1).replace("&amp;", "&")
    assert [len(page) for page in pages] == [3, 3, 2]
    assert sorted(sum(pages, [])) == sorted(ticket.pk for ticket in tickets)
    for expected in (pages[1], pages[0]):
        back = re.search(r'rel="prev" href="([^"]+)"', answer.content.decode()).group(1).replace("&amp;", "&")
        answer = client.get(back)
        assert numbers(answer) == expected


def test_counts_stop_at_a_thousand(people, visit, monkeypatch):
    from helpdesk.desk import queue

    monkeypatch.setattr(queue, "COUNT_CAP", 51)
    for _n in range(53):
        opened(1)
    assertContains(visit(people.agent).get("/desk/"), "51+")


def test_fifty_rows_cost_few_queries(people, visit, django_assert_max_num_queries):
    tags = list(Tag.objects.all()[:2])
    for n in range(60):
        ticket = opened(
            n % 14, subject=f"Necklace of order {n} arrived with a broken clasp", tags=tags if n % 3 == 0 else [],
            order={"reference": f"A-{n}", "value": {"amount": "120", "currency": settings.CURRENCY}},
        )  # fmt: skip
        presence.read_up_to(ticket.pk, people.supervisor, ticket.messages.get().pk - n % 2)
        if n % 2:
            assignment.assign(ticket.pk, actor=people.agent, assignee=people.agent2)
    client = visit(people.supervisor)
    cache.clear()
    with django_assert_max_num_queries(15):
        answer = client.get("/desk/")
    with django_assert_max_num_queries(9):
        answer = client.get("/desk/")  # names, counts and promises are known for a while
    assert len(numbers(answer)) == 50
    stamp = re.search(r"stamp=(\w+)", answer.content.decode()).group(1)
    with django_assert_max_num_queries(3):
        assert client.get(f"/desk/?stamp={stamp}", headers={"HX-Request": "true"}).status_code == 204
    rows = client.get("/desk/?stamp=old", headers={"HX-Request": "true"})
    assert len(rows.content) <= 30_000


def test_the_long_lists_of_filters_come_when_they_are_asked_for_and_stay_while_one_is_set(people, visit):
    opened(1)
    client, tags = visit(people.agent), 'name="tag"'
    page = client.get("/desk/?view=floor")
    assertNotContains(page, tags)
    assertContains(page, 'href="?view=floor&amp;more=1" hx-get="?view=floor&amp;more=1" hx-select="#more"')
    assertContains(client.get("/desk/?view=floor&more=1"), 'id="more" open')
    more = client.get("/desk/?view=floor&more=1", headers={"HX-Request": "true"})
    assertContains(more, tags)
    assertNotContains(more, "not understood")
    assert client.cookies["desk_view"].value == "?view=floor"
    assertContains(client.get("/desk/?tag=vip"), tags, msg_prefix="else another filter would forget this one")


def test_who_is_at_a_ticket_is_said_beside_its_line_and_draws_nothing_else(people, visit):
    one, two = opened(3), opened(6)
    client, poll = visit(people.agent), {"HX-Request": "true"}
    page = client.get("/desk/")
    assertNotContains(page, "is here")
    stamp = re.search(r"stamp=(\w+)", page.content.decode()).group(1)
    presence.note(one.pk, people.agent2)
    presence.note(two.pk, people.agent)  # oneself is nobody else
    came = client.get(f"/desk/?stamp={stamp}", headers=poll)
    assert came.headers["HX-Reswap"] == "none"
    assertContains(came, f"<span data-at={one.pk}><b class=badge>Agent2 is here</b> </span>")
    assertNotContains(came, f"data-at={two.pk}")
    word = re.search(r'name="p" value="([^"]+)"', came.content.decode()).group(1)
    assert client.get("/desk/", {"stamp": stamp, "p": word}, headers=poll).status_code == 204
    presence.note(one.pk, people.agent2, writing=True)
    assertContains(client.get("/desk/", {"stamp": stamp, "p": word}, headers=poll), "Agent2 is writing")
    assertContains(client.get("/desk/"), "Agent2 is writing")
    cache.clear()
    left = client.get("/desk/", {"stamp": stamp, "p": word}, headers=poll)
    assertContains(left, 'id="at"')
    assertNotContains(left, "data-at")


def test_the_promise_of_a_first_answer_stands_in_the_line_until_it_is_kept(people, visit):
    ticket = opened(1)
    client = visit(people.agent)
    assertNotContains(client.get("/desk/"), "reply by", msg_prefix="there is time")
    Ticket.objects.filter(pk=ticket.pk).update(created_at=timezone.now() - minutes(7))
    assertContains(client.get("/desk/"), '<b class="badge is-warn">reply by')
    conversation.reply(ticket.pk, actor=people.agent, body="Good morning")
    assertNotContains(client.get("/desk/"), "reply by")
    late = opened(9)
    assertContains(client.get("/desk/"), '<b class="badge is-late">reply by')
    moves.resolve(late.pk, actor=people.agent, summary="It has arrived")
    assertNotContains(client.get("/desk/?view=all"), "reply by")


def test_polling_says_nothing_until_something_happened(people, visit):
    ticket = opened(1)
    client = visit(people.agent)
    stamp = re.search(r"stamp=(\w+)", client.get("/desk/").content.decode()).group(1)

    def poll():
        return client.get(f"/desk/?stamp={stamp}", headers={"HX-Request": "true"})

    assert poll().status_code == 204
    conversation.customer_message(ticket.pk, body="Hello again")
    answer = poll()
    assertContains(answer, "Hello again")
    assertNotContains(answer, "<html")


def test_floor_3_is_in_no_list_count_or_search_of_those_who_may_not_know(people, visit, brought):
    secret = brought(3, subject="Unmistakable secret")
    for name in ("agent", "specialist", "manager", "policy", "admin", "supervisor2", "stranger"):
        client = visit(getattr(people, name))
        for query in ("", "view=all", "floor=3", "q=Unmistakable", f"q=%23{secret.pk}", "view=closed", "view=risk"):
            assertNotContains(client.get(f"/desk/?{query}"), "secret", msg_prefix=f"{name} {query}")
            assertNotContains(client.get(f"/desk/?{query}"), f"/desk/tickets/{secret.pk}/")
        cache.clear()
        assertNotContains(client.get("/desk/"), 'class="count')
    assertContains(visit(people.legal).get("/desk/"), "Unmistakable secret")


def test_a_number_with_a_hash_leads_to_the_ticket(people, visit):
    ticket = opened(1)
    assert visit(people.agent).get("/desk/", {"q": f"#{ticket.pk}"}).url == f"/desk/tickets/{ticket.pk}/"
    assert visit(people.agent).get("/desk/?q=%23999999999999999999").status_code == 200


def test_next_ticket_takes_the_most_urgent_that_nobody_has(people, visit):
    opened(1)
    urgent, taken = opened(10), opened(12)
    assignment.assign(taken.pk, actor=people.agent2, assignee=people.agent2)
    answer = visit(people.agent).post("/desk/next/")
    assert answer.url == f"/desk/tickets/{urgent.pk}/"
    urgent.refresh_from_db()
    assert urgent.assignee == people.agent
    assert visit(people.executive).post("/desk/next/").url == "/desk/"


def test_ticked_tickets_are_taken_one_by_one_and_refusals_are_named(people, visit, brought):
    one, two, higher = opened(1), opened(2), brought(2)
    fields = {"ticket": [one.pk, two.pk, higher.pk, "x", 10**30], "back": "?view=mine"}
    answer = visit(people.agent).post("/desk/assign/", fields, follow=True)
    assert answer.redirect_chain == [("/desk/?view=mine", 302)]
    assertContains(answer, "2 tickets are yours now.")
    assertContains(answer, f"#{higher.pk}: Floor 2 is worked by")
    for ticket in (one, two):
        ticket.refresh_from_db()
        assert ticket.assignee == people.agent


def test_the_way_back_cannot_lead_to_another_host(people, visit):
    answer = visit(people.agent).post("/desk/assign/", {"ticket": [], "back": "//evil.example"})
    assert answer.url == "/desk/"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "No open tickets"),
        ("view=mine", "Nothing is assigned to you"),
        ("view=risk", "more than a third"),
        ("view=held", "No hold is in force"),
        ("floor=2", "Nothing fits these filters"),
        ("view=nonsense", "No open tickets"),
    ],
)
def test_an_empty_list_says_why(query, words, people, visit):
    assertContains(visit(people.agent).get(f"/desk/?{query}"), words)


def test_who_has_no_role_is_told_so(people, visit):
    opened(1)
    assertContains(visit(people.stranger).get("/desk/"), "You have no role yet")


def test_a_clock_that_stands_still_is_said_on_every_page(people, visit):
    from escalation import sweep
    from escalation.models import SweepHeartbeat

    assertContains(visit(people.agent).get("/desk/"), "do not climb by themselves")
    sweep.beat("hand", 0)
    assertNotContains(visit(people.agent).get("/desk/"), "do not climb by themselves")
    SweepHeartbeat.objects.update(swept_at=timezone.now() - timedelta(minutes=3))
    assertContains(visit(people.agent).get("/desk/"), "do not climb by themselves")


def test_next_and_previous_follow_the_list_that_was_shown_last(people, visit):
    now = timezone.now()
    first, second, third = (
        builders.open_ticket(now=now - timedelta(minutes=age), subject="Clasp") for age in (9, 6, 3)
    )
    other = builders.open_ticket(now=now - timedelta(minutes=5), subject="Parcel")
    client = visit(people.agent)
    client.get("/desk/?q=Clasp&view=unassigned")
    at = "/desk/tickets/{}/{}/"
    assert client.get(at.format(first.pk, "next")).url == f"/desk/tickets/{second.pk}/"
    assert client.get(at.format(second.pk, "previous")).url == f"/desk/tickets/{first.pk}/"
    assert client.get(at.format(other.pk, "next")).url == f"/desk/tickets/{third.pk}/"
    assert client.get(at.format(third.pk, "next")).url == "/desk/?q=Clasp&view=unassigned"
    assert client.get(at.format(999_999, "next")).status_code == 404
    client.cookies["desk_view"] = "?view=nonsense&after=%00" + "x" * 5000
    assert client.get(at.format(first.pk, "next")).status_code == 302


def test_a_ticket_says_its_place_in_the_list_that_was_shown_last(people, visit, monkeypatch, brought):
    first, second = opened(9, subject="Clasp"), opened(6, subject="Clasp")
    other, client = opened(5, subject="Parcel <b>"), visit(people.agent)
    client.get("/desk/?q=Clasp&view=unassigned")
    at = "/desk/tickets/{}/place/"
    assert client.get(at.format(first.pk)).content.decode() == "1 of 2 in Floor 1, unassigned"
    assert client.get(at.format(second.pk)).content.decode() == "2 of 2 in Floor 1, unassigned"
    assert client.get(at.format(other.pk)).status_code == 204
    assert client.get(at.format(brought(3).pk)).status_code == 404
    client.get("/desk/?view=all")
    assert client.get(at.format(first.pk)).content.decode() == "3 of 3 in All tickets"
    monkeypatch.setattr("helpdesk.desk.queue.COUNT_CAP", 2)
    assert client.get(at.format(first.pk)).content.decode() == "2+ of 2+ in All tickets"
    assert client.get(at.format(other.pk)).content.decode() == "1 of 2+ in All tickets"


def test_a_line_says_the_channel_with_its_icon_and_what_its_customer_bought_so_far(people, visit):
    worth = {"value": {"amount": "1240.50", "currency": settings.CURRENCY}}
    house = Channel.objects.create(slug="fax", name="Fax <1>", team=Channel.objects.first().team)
    old = opened(9, order=worth | {"reference": "A-1"})
    opened(
        8, order={"reference": "A-2", "value": {"amount": "9", "currency": "XTS"}}
    )  # another currency is not added up
    opened(7, order=worth | {"reference": "A-1"}, channel="phone")  # the same order is no further worth
    new = opened(6, order=worth | {"reference": "A-3"}, channel=house.slug)
    opened(5, customer_email="first@example.org")
    page = visit(people.agent).get("/desk/").content.decode()
    lines = dict(re.findall(r"<tr data-row>.*?value=(\d+)(.*?)\n", page))
    assert f'title="bought: 1,240 {settings.CURRENCY}"><b>1.2 k</b> Carla' in lines[str(new.pk)]
    assert page.count("bought:") == 2, "of the second and the fourth ticket: the third is about the same order"
    assert "bought:" not in lines[str(old.pk)] and "<td class=w-web>Web form" in lines[str(old.pk)]
    assert "<td>Fax &lt;1&gt;" in lines[str(new.pk)] and page.count("<td class=w-phone>Phone") == 1


def test_a_line_is_new_when_somebody_wrote_since_one_looked_at_it(people, visit):
    ticket, unknown = opened(3), opened(4)
    client, mark = visit(people.agent), ">new</b>"
    assertNotContains(client.get("/desk/"), mark, msg_prefix="what one never looked at is not new, but unseen")
    client.get(f"/desk/tickets/{ticket.pk}/")
    conversation.reply(ticket.pk, actor=people.agent, body="On its way")
    assertNotContains(client.get("/desk/"), mark, msg_prefix="one's own words are not new")
    conversation.customer_message(ticket.pk, body="Where is it?")
    conversation.customer_message(unknown.pk, body="And mine?")
    assertContains(client.get("/desk/"), mark, count=1)
    client.get(f"/desk/tickets/{ticket.pk}/")
    assertNotContains(client.get("/desk/"), mark)
    cache.clear()
    assertNotContains(client.get("/desk/"), mark, msg_prefix="nothing is claimed when it is not known")
