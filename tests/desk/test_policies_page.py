"""The policy book on the desk: read by all staff, drafted by owners, published by another."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from helpdesk.desk import policies
from policies import book
from policies.models import ApprovalRule, DecisionRule, PolicyDraft, Right, Script
from tests.builders import CAST
from tickets.clock import database_now

ROW = {"kind": "decision", "floor": "2", "amount_from": "500.00", "roles": ["executive"], "signatures": "2"}


def draft_of(client, **changes):
    return client.post("/desk/policies/approval-matrix/new/", ROW | changes)


def test_a_row_of_the_approval_matrix_is_drafted_compared_and_published_by_another(people, visit):
    client = visit(people.policy)
    answer = draft_of(client, why="Large sums", review_on="2031-02-28")
    draft = PolicyDraft.objects.get()
    assert answer.url == f"/desk/policies/drafts/{draft.pk}/"
    page = client.get(answer.url)
    assertContains(page, "somebody else must publish it")
    assertContains(page, "500.00")
    assertContains(page, 'value="2031-02-28"')
    fields = {"revision": draft.revision}
    assertContains(client.post(f"{answer.url}publish/", fields), "somebody else must publish", status_code=409)
    client = visit(people.admin)
    assert client.post(f"{answer.url}publish/", fields).status_code == 302
    row = ApprovalRule.objects.get(amount_from=500)
    assert (row.roles, row.signatures, row.published_by) == (["executive"], 2, people.admin)
    assertContains(client.get(f"/desk/policies/approval-matrix/{row.pk}/"), "published by Admin")
    changed = client.post(f"/desk/policies/approval-matrix/new/?from={row.pk}", ROW | {"signatures": "1"})
    assertContains(client.get(changed.url), "changed:")
    assert client.post(f"{changed.url}discard/").status_code == 302
    assert not PolicyDraft.objects.exists()


def test_a_refused_draft_keeps_what_was_typed(people, visit):
    client = visit(people.policy)
    answer = draft_of(client, signatures="9", why="Because of x")
    assertContains(answer, "Because of x", status_code=400)
    assertContains(answer, "Between one and five", status_code=400)
    promise = {"first_response": "half an hour", "resolution": "24 h"}
    assertContains(client.post("/desk/policies/response-times/new/", promise), "Write a number", status_code=400)


def test_a_draft_that_exists_is_gone_on_with(people, visit):
    draft_of(visit(people.policy))
    assert draft_of(visit(people.admin)).url == f"/desk/policies/drafts/{PolicyDraft.objects.get().pk}/"


def test_who_reads_and_who_writes(people, visit):
    draft_of(visit(people.policy))
    draft = PolicyDraft.objects.get().pk
    row = ApprovalRule.objects.first().pk
    for name in CAST:
        client = visit(getattr(people, name))
        reads, writes = name != "stranger", name in ("policy", "admin")
        for path in ("", "approval-matrix/", f"approval-matrix/{row}/"):
            assert client.get(f"/desk/policies/{path}").status_code == (200 if reads else 403), (name, path)
        for path in ("approval-matrix/new/", f"drafts/{draft}/"):
            assert client.get(f"/desk/policies/{path}").status_code == (200 if writes else 403), (name, path)
        if not writes:
            for path in (f"drafts/{draft}/publish/", f"drafts/{draft}/discard/", f"approval-matrix/{row}/end/"):
                assert client.post(f"/desk/policies/{path}").status_code == 403, (name, path)
    client = visit(people.policy)
    for path in ("nonsense/", "approval-matrix/999999/", "drafts/999999/", "approval-matrix/new/?from=x"):
        assert client.get(f"/desk/policies/{path}").status_code == 404, path


@pytest.mark.parametrize("slug", book.KINDS)
def test_each_kind_has_its_pages_within_few_queries(people, visit, slug):
    client = visit(people.policy)
    client.get("/desk/policies/")  # what the frame counts for everybody is kept for a moment
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/desk/policies/{slug}/", follow=True).status_code == 200
    assert len(queries) <= 12
    policy = book.KINDS[slug].current().first()
    if policy:
        assertContains(client.get(f"/desk/policies/{slug}/{policy.pk}/"), "in force")
        draft = client.get(f"/desk/policies/{slug}/new/?from={policy.pk}", follow=True)
        assertContains(draft, "Save the draft")
    assertNotContains(visit(people.agent).get(f"/desk/policies/{slug}/", follow=True), "Draft a new one")


def test_many_cells_are_paged_and_the_grid_still_knows_them_all(people, visit, monkeypatch):
    monkeypatch.setattr(policies, "PER_PAGE", 5)
    cell = {"roles": ["agent"], "up_to": 10, "currency": "EUR", "problem": "damage", "remedy": "refund"}
    DecisionRule.objects.bulk_create(DecisionRule(slug=f"ring-{n}", product=f"ring {n}", **cell) for n in range(9))
    client = visit(people.policy)
    first, last = (client.get(f"/desk/policies/decision-matrix/?page={page}") for page in (1, 99))
    for page in (first, last):
        assertContains(page, "10 in all, listed below")
        row = next(row for problem, row in page.context["grid"] if problem == "payment")
        assert [len(cells) for _remedy, cells in row] == [1, 1, 0, 0, 1, 1]
    assert len(first.context["rows"]) == 5 and first.context["page"].has_next()


def test_a_calendar_is_drafted_and_compared_in_words(people, visit):
    client, address = visit(people.policy), "/desk/policies/calendars/new/"
    days = {f"day{n}": "09:00-13:00, 14:00-18:00" for n in range(5)} | {"day5": "", "day6": ""}
    fields = {
        "slug": "shop",
        "name": "Shop",
        "zone": "Europe/Rome",
        "closures": "2026-12-24 - 2027-01-06 <b>Winter</b>",
    }
    wrong = client.post(address, fields | days | {"day0": "nine to five"})
    assertContains(wrong, "Write opening hours as 09:00-13:00", status_code=400)
    assertContains(wrong, "nine to five", status_code=400)
    page = client.post(address, fields | days, follow=True)
    assertContains(page, "Monday: 09:00-13:00, 14:00-18:00<br>Tuesday")
    assertContains(page, "Sunday: closed")
    assertContains(page, "&lt;b&gt;Winter&lt;/b&gt;")
    draft = PolicyDraft.objects.get()
    assert draft.terms["week"][5:] == [[], []]
    client = visit(people.admin)
    made = client.post(f"/desk/policies/drafts/{draft.pk}/publish/", {"revision": 1}, follow=True)
    assertContains(made, "Published.")
    assertContains(client.get("/desk/clocks/"), "Shop")


RIGHT = {"right": "pricing", "policy": "response_times", "you_en": "You know the price.", "we_en": "We name it."}


def test_rights_stand_in_a_grid_with_empty_places_and_missing_languages(people, visit):
    client = visit(people.policy)
    page = client.get("/desk/policies/rights/")
    assertContains(page, "?right=pricing&amp;policy=response_times")
    assertNotContains(page, "Italiano missing")
    form = client.get("/desk/policies/rights/new/?right=pricing&policy=response_times")
    assertContains(form, '<option value="pricing" selected>')
    row = Right.objects.get(right="opt_out")
    drafted = client.post(f"/desk/policies/rights/new/?from={row.pk}", {
        "you_en": "Say no.", "we_en": "We stop.", "exceptions_en": "", "by_channel_en": "Phone: say so.",
    })  # fmt: skip
    visit(people.admin).post(f"{drafted.url}publish/", {"revision": 1})
    page = client.get("/desk/policies/rights/")
    assertContains(page, "Italiano missing")
    assertContains(client.get(f"/desk/policies/rights/new/?from={Right.objects.get(you__en='Say no.').pk}"),
                   "Missing in this language")  # fmt: skip
    assertNotContains(visit(people.agent).get("/desk/policies/rights/"), "?right=pricing")


def test_a_preview_shows_a_right_as_customers_see_it_and_saves_nothing(people, visit):
    client = visit(people.policy)
    hostile = RIGHT | {"you_en": "<script>x</script>", "by_channel_en": "Phone: <b>y</b>", "do": "preview"}
    page = client.post("/desk/policies/rights/new/", hostile)
    assertContains(page, '<strong lang="en">&lt;script&gt;x')
    assertContains(page, "&lt;b&gt;y")
    assertNotContains(page, "<script>x")
    assert not PolicyDraft.objects.exists()
    draft = client.post("/desk/policies/rights/new/", RIGHT).url
    page = client.post(draft, RIGHT | {"revision": "1", "you_en": "Something else", "do": "preview"})
    assertContains(page, '<strong lang="en">Something else</strong>')
    assert PolicyDraft.objects.get().terms["you"]["en"] == "You know the price."


def test_two_who_edit_at_once_see_what_differs_and_nothing_typed_is_lost(people, visit):
    client = visit(people.policy)
    draft = client.post("/desk/policies/rights/new/", RIGHT).url
    client = visit(people.admin)
    assert client.post(draft, RIGHT | {"revision": "1", "we_en": "We print it."}).status_code == 302
    client = visit(people.policy)
    mine = RIGHT | {"revision": "1", "we_en": "We say <b>it</b>."}
    page = client.post(draft, mine)
    assertContains(page, "Admin saved version 2 at", status_code=409)
    assertContains(page, "We print it.", status_code=409)
    assertContains(page, "We say &lt;b&gt;it&lt;/b&gt;.", status_code=409)
    assertContains(page, 'name="revision" value="2"', status_code=409)
    assert client.post(draft, mine | {"revision": "2"}).status_code == 302
    assert PolicyDraft.objects.get().terms["we"]["en"] == "We say <b>it</b>."
    again = client.post("/desk/policies/rights/new/", RIGHT | {"we_en": "Third words."})
    assertContains(again, f'action="{draft}"', status_code=409)
    assertContains(again, "Third words.", status_code=409)


def test_languages_are_tabs_that_say_what_is_missing_and_open_where_something_is_wrong(people, visit):
    client, address = visit(people.policy), "/desk/policies/wording/new/"
    words = {"slug": "calm", "title": "Calm", "kind": "blaming", "phrases_en": "calm down", "reason_en": "It hurts.",
             "better_en": "I see."}  # fmt: skip
    page = client.get(address).content.decode()
    assert page.count('name="language"') == 3 and 'value="en" checked' in page and "missing" not in page
    wrong = client.post(address, words | {"phrases_pt": "acalme-se", "language": "it"}).content.decode()
    assert 'value="pt" checked' in wrong and wrong.count(">wrong<") == 1 and wrong.count(">missing<") == 1
    assert "what to say instead" in wrong.partition('id="language-pt"')[2]
    drafted = client.post(address, words | {"language": "it"})
    assert drafted.url.endswith("?language=it")
    page = client.get(drafted.url).content.decode()
    assert 'value="it" checked' in page and page.count(">missing<") == 2
    client.post(drafted.url, words | {"revision": 1, "language": "xx"})
    long = client.post(drafted.url, words | {"revision": 2, "reason_it": "x" * 501}).content.decode()
    assert 'value="it" checked' in long and "At most 500 characters" in long.partition('id="language-it"')[2]


def test_a_missing_language_leads_writers_to_its_tab_and_others_nowhere(people, visit):
    visit(people.policy).post("/desk/policies/scripts/new/", {"slug": "brief", "title": "Brief", "kind": "reply",
                                                              "texts_pt": "Bom dia"})  # fmt: skip
    client = visit(people.admin)
    client.post(f"/desk/policies/drafts/{PolicyDraft.objects.get().pk}/publish/", {"revision": 1})
    text = Script.objects.get(slug="brief")
    link = f"/desk/policies/scripts/new/?from={text.pk}&amp;language=it"
    for page in ("/desk/policies/scripts/", "/desk/knowledge/", "/desk/knowledge/brief/?in=it"):
        assertContains(visit(people.admin).get(page), link)
        assertNotContains(visit(people.agent).get(page), link)
    assertContains(visit(people.policy).get(link.replace("&amp;", "&")), 'value="it" checked')
    begun = client.post(link.replace("&amp;", "&"), {"title": "Brief", "kind": "reply", "texts_it": "Buongiorno"})
    again = visit(people.policy).get(link.replace("&amp;", "&"))
    assert again.url.startswith(begun.url.partition("?")[0]), "who begins twice comes to the draft that waits"


def test_what_waits_for_its_day_says_so_and_what_was_taken_back_says_nothing_of_an_end(people, visit):
    fields = {"slug": "late", "title": "Late", "kind": "reply", "texts_en": "Soon."}
    address = visit(people.policy).post("/desk/policies/scripts/new/", fields).url
    at = timezone.localtime(database_now() + timedelta(days=30))
    shown = {"revision": 1, "at": f"{at:%Y-%m-%dT%H:%M}"}
    page = visit(people.admin).post(f"{address.partition('?')[0]}publish/", shown, follow=True)
    assertContains(page, f"Published; in force from {at:%d/%m/%Y %H:%M} on.")
    row = Script.objects.get(slug="late")
    asked = visit(people.policy).post(f"/desk/policies/scripts/{row.pk}/end/", follow=True)
    assertContains(asked, "<h2>Withdraw it</h2>")
    draft = PolicyDraft.objects.get()
    page = visit(people.admin).post(f"/desk/policies/drafts/{draft.pk}/publish/", {"revision": 1}, follow=True)
    assertContains(page, "Withdrawn.")
    assertNotContains(page, "It is withdrawn from")


def test_an_empty_place_of_the_matrix_begins_a_cell_with_its_name(people, visit):
    page = visit(people.policy).get("/desk/policies/decision-matrix/new/?problem=out_of_the_box&remedy=store_credit")
    assertContains(page, 'value="out-of-the-box-store-credit"')
    assertContains(page, '<option value="store_credit" selected>')
