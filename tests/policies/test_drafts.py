"""A rule is drafted, tried, and published by a second person; a draft never fires."""

from datetime import timedelta
from decimal import Decimal

import pytest

from policies import drafts, succession, triggers
from policies.models import Trigger, TriggerDraft
from tests.builders import T0, minutes
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound

TERMS = {"name": "Refunds", "position": 200, "phrases": {"en": ["refund"]}, "floor": 2}
LATER = T0 + minutes(5)


@pytest.fixture
def draft(people) -> TriggerDraft:
    return drafts.begin(actor=people.policy, slug="refunds", terms=TERMS, now=T0)


def tried(draft: TriggerDraft, people) -> TriggerDraft:
    drafts.note_trial(draft.pk, actor=people.policy, revision=draft.revision, found={"tickets": 0}, now=T0)
    draft.refresh_from_db()
    return draft


def fires(at=LATER, text="A refund, please.") -> list[str]:
    return [finding.trigger.slug for finding in triggers.evaluate(text=text, at=at)]


def publish(draft: TriggerDraft, actor, **fields) -> Trigger:
    return drafts.publish(draft.pk, actor=actor, revision=draft.revision, **{"now": T0} | fields)


def test_a_draft_never_fires_and_a_published_one_does_from_its_date(draft, people):
    assert fires() == []
    tried(draft, people)
    assert fires() == []
    rule = publish(draft, people.admin, at=T0 + minutes(3))
    assert fires(at=T0 + minutes(2)) == []
    assert fires() == ["refunds"]
    assert (rule.version, rule.created_by, rule.published_by) == (1, people.policy, people.admin)
    assert not TriggerDraft.objects.exists()


def test_nobody_publishes_what_they_wrote_on(draft, people):
    tried(draft, people)
    with pytest.raises(NotAllowed, match="somebody else"):
        publish(draft, people.policy)
    drafts.save(draft.pk, actor=people.admin, terms=TERMS, revision=1, now=T0)
    draft.refresh_from_db()
    tried(draft, people)
    for writer in (people.policy, people.admin):
        with pytest.raises(NotAllowed, match="somebody else"):
            publish(draft, writer)


def test_only_policy_owners_and_administrators_write(draft, people):
    for who in (people.agent, people.risk, people.manager, people.stranger):
        for act in (
            lambda who=who: drafts.begin(actor=who, slug="x", terms=TERMS, now=T0),
            lambda who=who: drafts.save(draft.pk, actor=who, terms=TERMS, revision=1, now=T0),
            lambda who=who: drafts.discard(draft.pk, actor=who),
            lambda who=who: publish(draft, who),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_a_draft_must_be_tried_again_after_each_change(draft, people):
    with pytest.raises(Conflict, match="Try this draft"):
        publish(draft, people.admin)
    tried(draft, people)
    changed = drafts.save(draft.pk, actor=people.policy, terms=TERMS | {"floor": 3}, revision=1, now=T0)
    assert changed.tried_at is None
    drafts.note_trial(draft.pk, actor=people.policy, revision=1, found={}, now=T0)  # a trial of the earlier words
    changed.refresh_from_db()
    assert changed.tried_at is None


def test_two_writers_never_overwrite_each_other(draft, people):
    drafts.save(draft.pk, actor=people.policy, terms=TERMS | {"floor": 3}, revision=1, now=T0)
    with pytest.raises(Conflict, match="saved version 2 of this draft"):
        drafts.save(draft.pk, actor=people.admin, terms=TERMS, revision=1, now=T0)
    with pytest.raises(Conflict, match="changed meanwhile"):
        drafts.publish(draft.pk, actor=people.admin, revision=1, now=T0)


def test_a_new_version_supersedes_the_old_at_its_date(people):
    old = Trigger.objects.get(slug="legal-risk")
    draft = drafts.begin(
        actor=people.policy, slug="legal-risk", terms=TERMS | {"phrases": {"en": ["tribunal"]}}, now=T0
    )
    new = publish(tried(draft, people), people.admin, at=T0 + minutes(3))
    old.refresh_from_db()
    assert old.valid_until == new.valid_from == T0 + minutes(3)
    assert (new.version, fires(text="my lawyer"), fires(text="the tribunal")) == (2, [], ["legal-risk"])
    assert fires(at=T0, text="my lawyer") == ["legal-risk"]


def test_a_draft_of_a_rule_that_changed_meanwhile_is_refused(people):
    draft = drafts.begin(actor=people.policy, slug="legal-risk", terms=TERMS, now=T0)
    changed = Trigger(slug="legal-risk", name="Legal", floor=3, phrases={"en": ["tribunal"]})
    succession.follow(Trigger.objects.filter(slug="legal-risk"), changed, start=T0)
    with pytest.raises(Conflict, match="changed since"):
        publish(tried(draft, people), people.admin, now=LATER)


def test_a_withdrawal_takes_a_second_person_too_and_can_be_taken_up_again(people):
    draft = drafts.begin(actor=people.policy, slug="legal-risk", terms={}, now=T0, ends=True)
    assert fires(text="my lawyer") == ["legal-risk"]
    publish(tried(draft, people), people.admin)
    assert fires(text="my lawyer") == []
    again = drafts.begin(actor=people.policy, slug="legal-risk", terms=TERMS, now=T0 + minutes(1))
    assert publish(tried(again, people), people.admin, now=T0 + minutes(2)).version == 2


def test_one_draft_at_a_time_and_gone_ones_are_not_found(draft, people):
    with pytest.raises(Conflict, match="a draft of this rule already"):
        drafts.begin(actor=people.admin, slug="refunds", terms=TERMS, now=T0)
    drafts.discard(draft.pk, actor=people.admin)
    with pytest.raises(NotFound):
        drafts.save(draft.pk, actor=people.policy, terms=TERMS, revision=1, now=T0)
    with pytest.raises(NotFound):
        drafts.begin(actor=people.policy, slug="no-such-rule", terms={}, now=T0, ends=True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"condition": "order.valeu > 3"}, "condition"),
        ({"condition": 'text =~ "(a+)+"'}, "condition"),
        ({"phrases": {"en": ["a*"]}}, "phrases_en"),
        ({"phrases": {"xx": ["refund"]}}, "phrases"),
        ({"phrases": {}}, None),
        ({"floor": None}, None),
        ({"floor": 1}, "floor"),
        ({"risk": "boredom"}, "risk"),
        ({"tags": ["no-such-tag"]}, "tags"),
        ({"position": 10_000}, "position"),
        ({"min_order_value": Decimal(0)}, "min_order_value"),
    ],
)
def test_what_cannot_work_is_refused_when_it_is_saved(people, change, field):
    with pytest.raises(Invalid) as refused:
        drafts.begin(actor=people.policy, slug="refunds", terms=TERMS | change, now=T0)
    assert refused.value.field == field


def test_a_rule_never_begins_in_the_past_or_far_ahead(draft, people):
    tried(draft, people)
    for at in (T0 - minutes(1), T0 + timedelta(days=400)):
        with pytest.raises(Invalid):
            publish(draft, people.admin, at=at)
