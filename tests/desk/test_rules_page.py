"""The rules on the desk: everybody reads them, policy owners draft, try and, two together, publish."""

import pytest
from django.urls import reverse

from policies.models import Trigger, TriggerDraft, TriggerFault
from tests import builders

RULES = reverse("desk:rules")
FIELDS = {
    "name": "Refunds", "position": 200, "phrases_en": "refund\nmoney back", "condition": "order.value >= 300",
    "floor": "3", "hold": "on",
}  # fmt: skip


@pytest.fixture
def drafted(people, visit) -> TriggerDraft:
    visit(people.policy).post(reverse("desk:rule_new"), FIELDS)
    return TriggerDraft.objects.get()


def page(response) -> str:
    return " ".join(response.content.decode().split())


def test_everybody_with_a_role_reads_the_rules_and_strangers_do_not(people, visit):
    for who in (people.agent, people.risk, people.manager, people.policy):
        assert "Threat of legal action" in page(visit(who).get(RULES))
    assert visit(people.stranger).get(RULES).status_code == 403
    assert "Draft a rule" not in page(visit(people.agent).get(RULES))
    for name in ("rule_new",):
        assert visit(people.agent).get(reverse(f"desk:{name}")).status_code == 403


def test_the_test_box_says_which_rules_fire_with_words_and_effects(people, visit):
    answer = page(visit(people.agent).post(RULES, {"text": "My LAWYER will write.", "value": "700", "currency": "EUR"}))
    assert "“my lawyer”" in answer
    assert "go to Floor 3, flag Legal risk" in answer
    assert "High-value order" in answer
    assert "No rule fires" in page(visit(people.agent).post(RULES, {"text": "Good morning."}))


def test_the_test_box_knows_drafts(people, visit, drafted):
    posted = {"text": "My money back!", "value": "350", "currency": "EUR", "draft": drafted.pk}
    answer = page(visit(people.policy).post(RULES, posted))
    assert "go to Floor 3, place a hold" in answer
    assert "order.value = 350" in answer


def test_from_draft_to_publication_by_two_people(people, visit, drafted):
    builders.open_ticket(now=None, body="I want a refund.", order={"value": {"amount": 400, "currency": "EUR"}})
    address = reverse("desk:rule_draft", args=[drafted.pk])
    visit(people.policy).post(reverse("desk:rule_try", args=[drafted.pk]))
    tried = page(visit(people.policy).get(address))
    assert "It fires on 1 tickets; 1 would have fared differently." in tried
    assert "Floor 1 → 3" in tried
    assert "somebody else must publish it" in tried
    refused = visit(people.policy).post(reverse("desk:rule_publish", args=[drafted.pk]), {"revision": 1})
    assert refused.status_code == 409
    done = visit(people.admin).post(reverse("desk:rule_publish", args=[drafted.pk]), {"revision": 1}, follow=True)
    assert "Published: Refunds (version 1)." in page(done)
    rule = Trigger.objects.get(slug="refunds")
    assert (rule.published_by, rule.hold, rule.phrases) == (people.admin, True, {"en": ["refund", "money back"]})
    ticket = builders.open_ticket(now=None, body="A refund!", order={"value": {"amount": 400, "currency": "EUR"}})
    assert builders.visit(ticket).floor == 3


def test_a_wrong_condition_is_refused_beside_its_field_with_the_text_kept(people, visit):
    answer = visit(people.policy).post(reverse("desk:rule_new"), FIELDS | {"condition": "order.valeu > 3"})
    assert answer.status_code == 400
    assert "“order.valeu” is not known" in page(answer)
    assert "money back" in page(answer)


def test_a_change_a_withdrawal_and_a_discarded_draft(people, visit):
    client = visit(people.policy)
    assert "lawyer" in page(client.get(reverse("desk:rule_new") + "?from=legal-risk"))
    client.post(reverse("desk:rule_end", args=["legal-risk"]))
    draft = TriggerDraft.objects.get()
    assert "This rule is to be withdrawn." in page(client.get(reverse("desk:rule_draft", args=[draft.pk])))
    client.post(reverse("desk:rule_discard", args=[draft.pk]))
    assert not TriggerDraft.objects.exists()
    assert client.get(reverse("desk:rule_draft", args=[draft.pk])).status_code == 404


def test_a_rule_that_could_not_answer_is_shown(people, visit):
    rule = Trigger.objects.get(slug="legal-risk")
    TriggerFault.objects.create(trigger=rule, count=2, last_at=builders.T0, last_error="it took too long")
    assert "Could not answer 2 times, and did not fire then: it took too long" in page(visit(people.agent).get(RULES))


def test_the_trial_hides_what_its_reader_may_not_see(people, visit, drafted):
    builders.open_ticket(
        now=None, body="My lawyer wants a refund.", order={"value": {"amount": 400, "currency": "EUR"}}
    )
    visit(people.policy).post(reverse("desk:rule_try", args=[drafted.pk]))
    shown = page(visit(people.policy).get(reverse("desk:rule_draft", args=[drafted.pk])))
    assert "1 more are out of your sight" in shown


def test_the_rules_in_force_are_in_the_api(people, client):
    client.force_login(people.agent)
    rows = client.get("/api/v1/triggers/").json()["results"]
    (legal,) = [row for row in rows if row["slug"] == "legal-risk"]
    assert legal["effects"] == {
        "floor": 3, "risk": "legal", "hold": False, "tags": [], "team": None, "warning": "",
    }  # fmt: skip


def test_two_who_edit_a_rule_at_once_see_what_differs(people, visit, drafted):
    address = reverse("desk:rule_draft", args=[drafted.pk])
    assert visit(people.admin).post(address, FIELDS | {"revision": 1, "floor": "2"}).status_code == 302
    client = visit(people.policy)
    answer = client.post(address, FIELDS | {"revision": 1, "name": "Money <b>back</b>"})
    assert answer.status_code == 409
    seen = page(answer)
    assert "Admin saved version 2 at" in seen and "Floor 2" in seen
    assert "Money &lt;b&gt;back&lt;/b&gt;" in seen and "Money <b>" not in seen
    assert 'name="revision" value="2"' in seen
    assert client.post(address, FIELDS | {"revision": 2, "name": "Money back"}).status_code == 302
    assert TriggerDraft.objects.get().name == "Money back"
