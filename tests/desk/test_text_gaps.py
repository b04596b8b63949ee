"""Texts that failed or that nobody uses come up for review; each becomes a draft, a request, or stays (P6.2)."""

from datetime import timedelta

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from escalation import conversation, moves, suggestions
from metrics import ratings, text_gaps
from metrics.models import TextAnswer
from policies.models import PolicyDraft, Script
from tests.builders import T0, minutes, open_ticket
from tickets.refusals import Invalid, NotAllowed, NotFound

DAY = timedelta(days=1)
WHY = "Customers ask what it means"


def used(people, slug: str, *, score: int | None = None, again: bool = False, day: int = 0):
    ticket = open_ticket(now=T0 + day * DAY)
    came = ticket.created_at
    conversation.reply(ticket.pk, actor=people.agent, body="As follows.", script=slug, now=came + minutes(2))
    moves.resolve(ticket.pk, actor=people.agent, summary="Told.", now=came + minutes(3))
    if score:
        ratings.rate(ticket.pk, score=score, now=came + minutes(4))
    if again:
        conversation.customer_message(ticket.pk, body="It came back.", now=came + minutes(9))
    return ticket


def waiting(day: float = 1) -> dict[str, tuple]:
    return {gap.use.script.slug: gap.why for gap in text_gaps.waiting(T0 + day * DAY)}


def test_what_failed_comes_up_and_what_served_does_not(people):
    used(people, "order-status", score=5)
    used(people, "damaged-item", score=2, again=True)
    for _case in range(4):
        used(people, "return-steps", score=3)
    suggestions.did_not_help(open_ticket().pk, actor=people.agent, script="payment-check", now=T0)
    found = waiting()
    assert found["damaged-item"] == ("bad ratings after it", "tickets came back after it")
    assert found["payment-check"] == ("did not help",)
    assert not {"order-status", "return-steps"} & set(found)
    assert next(iter(found)) == "damaged-item"


def test_one_return_in_four_is_too_many_and_one_in_five_is_not(people):
    for number in range(4):
        used(people, "order-status", again=number == 0)
    assert waiting()["order-status"] == ("tickets came back after it",)
    used(people, "order-status")
    assert "order-status" not in waiting()


def test_what_nobody_used_for_90_days_comes_up_then_and_not_before(people):
    Script.objects.update(valid_from=T0)
    assert waiting(89.9) == {}
    found = waiting(90)
    assert found["order-status"] == ("not used for 90 days",)
    assert "find-your-ring-size" not in found  # articles are read in the help centre
    assert "abuse-warning" not in found  # a step against abuse, best never taken
    used(people, "order-status", day=80)
    assert "order-status" not in waiting(90)


def test_an_answer_is_for_90_days_and_a_draft_for_as_long_as_it_waits(people):
    used(people, "damaged-item", score=1, day=1)
    said = {"reason": WHY, "actor": people.supervisor, "now": T0 + 2 * DAY}
    assert text_gaps.answer("damaged-item", answer="stays", **said).script.slug == "damaged-item"
    assert "damaged-item" not in waiting(3)
    used(people, "damaged-item", score=1, day=50)
    assert "damaged-item" in waiting(93)
    drafted = {"reason": WHY, "actor": people.policy, "now": T0 + 93 * DAY}
    text_gaps.answer("damaged-item", answer="drafted", **drafted)
    draft = PolicyDraft.objects.get()
    assert (draft.key, draft.why, draft.author) == ("damaged-item", WHY, people.policy)
    text_gaps.answer("damaged-item", answer="drafted", **drafted)  # goes on with that one
    assert PolicyDraft.objects.count() == 1


def test_who_reviews_and_who_drafts(people):
    for name in ("agent", "specialist", "risk", "legal", "executive", "stranger"):
        with pytest.raises(NotAllowed):
            text_gaps.answer("order-status", answer="stays", reason=WHY, actor=getattr(people, name), now=T0)
    for name in ("supervisor", "manager"):
        with pytest.raises(NotAllowed):
            text_gaps.answer("order-status", answer="drafted", reason=WHY, actor=getattr(people, name), now=T0)
    for wrong, refused in (
        ({"reason": " "}, Invalid), ({"answer": "gone"}, Invalid), ({"slug": "no-such-text"}, NotFound)
    ):  # fmt: skip
        said = {"slug": "order-status", "answer": "stays", "reason": WHY} | wrong
        with pytest.raises(refused):
            text_gaps.answer(said.pop("slug"), **said, actor=people.manager, now=T0)
    assert not TextAnswer.objects.exists()


def test_a_supervisor_asks_and_a_policy_owner_finds_it(people, visit, django_assert_max_num_queries):
    Script.objects.update(valid_from="2020-01-01T00:00:00Z")
    client = visit(people.supervisor)
    with django_assert_max_num_queries(17):
        page = client.get("/desk/knowledge/review/")
    assertContains(page, "Ask for a change")
    assertContains(page, "texts were not used for 90 days")
    assertNotContains(page, "Draft a change")
    address = "/desk/knowledge/review/order-status/"
    assertContains(client.post(address, {"do": "asked", "reason": ""}), "Say why", status_code=400)
    assert client.post(address, {"do": "drafted", "reason": WHY}).status_code == 403
    assert client.post(address, {"do": "asked", "reason": WHY}).status_code == 302
    assert client.post("/desk/knowledge/review/none/", {"do": "asked", "reason": WHY}).status_code == 404
    client = visit(people.policy)
    page = client.get("/desk/knowledge/review/")
    assertContains(page, "Changes that are asked for")
    assertContains(page, WHY)
    text = Script.objects.get(slug="order-status")
    assertContains(page, f"/desk/policies/scripts/new/?from={text.pk}")
    answer = client.post("/desk/knowledge/review/damaged-item/", {"do": "drafted", "reason": WHY})
    assert answer.url == f"/desk/policies/drafts/{PolicyDraft.objects.get().pk}/"
    assert visit(people.agent).get("/desk/knowledge/review/").status_code == 403
    assertNotContains(client.get("/desk/knowledge/use/"), "Weekly review of texts")
    assertContains(visit(people.manager).get("/desk/knowledge/use/"), "Weekly review of texts")
