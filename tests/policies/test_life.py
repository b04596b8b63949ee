"""Every kind of policy has one life: drafted, compared, published by a second person, superseded, never edited."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from escalation import reminders
from escalation.models import OutboxMessage
from helpdesk import letters
from policies import book, proposals, responses, reviews
from policies.matrix import Matrix
from policies.models import ApprovalRule, FloorLimit, Policy, PolicyDraft, ResponseTime, Trigger
from tests.builders import T0, minutes
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound

PROMISES = book.kind("response-times")
MATRIX = book.kind("approval-matrix")
SLOWER = {"first_response": "PT30M", "resolution": "P2D"}


@pytest.fixture
def draft(people) -> PolicyDraft:
    return proposals.begin(PROMISES, SLOWER, actor=people.policy, now=T0, why="Fewer people in winter")


def publish(draft: PolicyDraft, actor, **fields) -> Policy:
    return proposals.publish(draft.pk, actor=actor, revision=draft.revision, **{"now": T0} | fields)


def first_answer(at) -> timedelta:
    return responses.promised(None, at).answer_at - at


def test_a_draft_changes_nothing_and_holds_from_its_date_once_somebody_else_published_it(draft, people):
    assert first_answer(T0 + minutes(1)) == minutes(8)
    made = publish(draft, people.admin, at=T0 + minutes(3))
    assert (first_answer(T0 + minutes(2)), first_answer(T0 + minutes(3))) == (minutes(8), minutes(30))
    assert (made.version, made.created_by, made.published_by) == (2, people.policy, people.admin)
    assert (made.owner, made.why, made.review_on) == (people.policy, "Fewer people in winter", date(2027, 2, 14))
    assert not PolicyDraft.objects.exists()


def test_nobody_publishes_what_they_wrote_on(draft, people):
    with pytest.raises(NotAllowed, match="somebody else"):
        publish(draft, people.policy)
    proposals.save(draft.pk, SLOWER, revision=1, actor=people.admin, now=T0)
    draft.refresh_from_db()
    for writer in (people.policy, people.admin):
        with pytest.raises(NotAllowed, match="somebody else"):
            publish(draft, writer)
    with pytest.raises(IntegrityError), transaction.atomic():
        ResponseTime.objects.create(
            first_response=minutes(1), resolution=minutes(2), valid_from=T0, valid_until=T0, version=9,
            created_by=people.policy, published_by=people.policy,
        )  # fmt: skip


def test_only_policy_owners_and_administrators_write(draft, people):
    for name in ("agent", "supervisor", "risk", "legal", "executive", "manager", "stranger"):
        who = getattr(people, name)
        for act in (
            lambda who=who: proposals.begin(PROMISES, SLOWER, actor=who, now=T0),
            lambda who=who: proposals.begin_end(MATRIX, 1, actor=who, now=T0),
            lambda who=who: proposals.save(draft.pk, SLOWER, revision=1, actor=who, now=T0),
            lambda who=who: proposals.discard(draft.pk, actor=who),
            lambda who=who: publish(draft, who),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_what_was_looked_at_is_what_is_published(draft, people):
    proposals.save(draft.pk, SLOWER | {"resolution": "P9D"}, revision=1, actor=people.policy, now=T0)
    with pytest.raises(Conflict, match="Look at it again"):
        publish(draft, people.admin)
    with pytest.raises(Conflict, match="Policy saved version 2 of this draft"):
        proposals.save(draft.pk, SLOWER, revision=1, actor=people.admin, now=T0)


def test_a_draft_of_a_rule_that_was_changed_meanwhile_is_refused(people):
    row = {"kind": "decision", "roles": ["supervisor"], "signatures": 2}
    draft = proposals.begin(MATRIX, row, actor=people.policy, now=T0)
    with pytest.raises(Conflict, match="already"):
        proposals.begin(MATRIX, row, actor=people.admin, now=T0)
    from policies import matrix

    matrix.change(kind="decision", signers=["legal"], actor=people.admin, now=T0)
    with pytest.raises(Conflict, match="since this draft was begun"):
        publish(draft, people.admin)
    proposals.discard(draft.pk, actor=people.policy)
    draft = proposals.begin(MATRIX, row, actor=people.policy, now=T0)
    publish(draft, people.admin, now=T0 + minutes(1))
    assert Matrix(T0 + minutes(1)).rule("decision", floor=1).signatures == 2


def test_side_by_side_says_what_differs(draft):
    found = {name: (before, after, differs) for name, before, after, differs in proposals.comparison(draft)}
    assert found["first_response"] == ("PT8M", "PT30M", True)
    assert found["channel"] == (None, None, False)


def test_a_withdrawal_is_a_draft_too_and_the_last_rule_of_a_case_stays(people):
    special = ApprovalRule.objects.get(kind="decision", floor=3)
    draft = proposals.begin_end(MATRIX, special.pk, actor=people.policy, now=T0)
    publish(draft, people.admin, now=T0 + minutes(1))
    assert "supervisor" in Matrix(T0 + minutes(2)).rule("decision", floor=3).roles
    with pytest.raises(Conflict, match="last one"):
        proposals.begin_end(
            MATRIX, ApprovalRule.objects.get(kind="decision", floor=None).pk, actor=people.policy, now=T0
        )
    with pytest.raises(NotFound):
        proposals.begin_end(MATRIX, special.pk, actor=people.policy, now=T0)


@pytest.mark.parametrize(
    ("kind", "written", "field"),
    [
        ("response-times", {"first_response": "soon", "resolution": "P1D"}, "first_response"),
        ("response-times", {"resolution": "P1D"}, "first_response"),
        ("response-times", {"first_response": "P2D", "resolution": "P1D"}, "resolution"),
        ("response-times", SLOWER | {"channel": "pigeon"}, "channel"),
        ("response-times", SLOWER | {"colour": "red"}, "colour"),
        ("approval-matrix", {"kind": "decision", "roles": []}, "roles"),
        ("approval-matrix", {"kind": "decision", "roles": ["king"]}, "roles"),
        ("approval-matrix", {"kind": "coronation", "roles": ["legal"]}, "kind"),
        ("approval-matrix", {"kind": "decision", "roles": ["legal"], "signatures": 6}, "signatures"),
        ("floor-limits", {"floor": 4, "limit": "PT5M"}, "floor"),
        ("floor-limits", {"floor": 1, "limit": "PT0S"}, "limit"),
        ("scripts", {"slug": "x", "title": "X", "texts": {"de": "Nein"}}, "texts"),
    ],
)
def test_nonsense_is_refused_beside_its_column(people, kind, written, field):
    with pytest.raises(Invalid) as refusal:
        proposals.begin(book.kind(kind), written, actor=people.policy, now=T0)
    assert refusal.value.field == field


def test_the_database_refuses_to_edit_or_remove_a_version(people):
    for change in (
        lambda: FloorLimit.objects.filter(floor=1).update(limit=minutes(99)),
        lambda: ApprovalRule.objects.update(roles=["agent"]),
        lambda: ResponseTime.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError, match="superseded"), transaction.atomic():
            change()
    FloorLimit.objects.filter(floor=1).update(review_on=T0.date(), owner=people.policy)


def test_owners_are_reminded_once_a_week_of_what_is_to_be_looked_at_again(people):
    FloorLimit.objects.filter(floor=1).update(review_on=T0.date(), owner=people.admin)
    ResponseTime.objects.update(review_on=T0.date())
    assert [kind.slug for kind, _row in reviews.overdue(T0)] == ["floor-limits", "response-times"]
    for days in (-2, 0, 6):
        reminders.remind(T0 + timedelta(days=days))
    assert OutboxMessage.objects.filter(topic="policy_review").count() == 2
    letters.relay()
    assert [m.to for m in mail.outbox] == [["admin@example.com"], ["policy@example.com"]]
    reminders.remind(T0 + timedelta(days=7))
    assert OutboxMessage.objects.filter(topic="policy_review").count() == 4


WEEK = [[["09:00", "17:00"]]] * 5 + [[], []]


def test_a_calendar_takes_two_people_as_well_and_its_clocks_follow_it(people):
    calendars, clocks = book.kind("calendars"), book.kind("floor-limits")
    written = {"slug": "shop", "name": "Shop", "zone": "Europe/Lisbon", "week": WEEK, "country": "PT"}
    first = publish(proposals.begin(calendars, written, actor=people.policy, now=T0), people.admin)
    assert (first.published_by, len(first.holidays) > 20) == (people.admin, True)
    ending = proposals.begin_end(calendars, first.pk, actor=people.policy, now=T0)
    own = clocks.write(FloorLimit.objects.get(floor=1)) | {"calendar": "shop"}
    publish(proposals.begin(clocks, own, actor=people.policy, now=T0), people.admin, now=T0 + minutes(1))
    with pytest.raises(Conflict, match="change it instead"):
        publish(ending, people.admin, now=T0 + minutes(2))
    proposals.discard(ending.pk, actor=people.policy)
    longer = proposals.begin(calendars, written | {"week": [[["08:00", "20:00"]]] * 7}, actor=people.policy, now=T0)
    with pytest.raises(NotAllowed, match="somebody else"):
        publish(longer, people.policy)
    with pytest.raises(Invalid, match="days of their own"):
        publish(longer, people.admin, at=T0 + timedelta(days=1))
    second = publish(longer, people.admin, now=T0 + minutes(5))
    assert FloorLimit.objects.in_force(T0 + minutes(5)).get(floor=1).calendar == second
    assert FloorLimit.objects.in_force(T0 + minutes(4)).get(floor=1).calendar == first
    with pytest.raises(Conflict, match="change it instead"):
        proposals.begin_end(calendars, second.pk, actor=people.policy, now=T0 + minutes(9))
    with pytest.raises(Invalid, match="closed for a year"):
        shut = proposals.begin(calendars, written | {"slug": "shut", "week": [[]] * 7}, actor=people.policy, now=T0)
        publish(shut, people.admin)


def test_owners_of_rules_for_tickets_and_of_calendars_are_reminded_too(people):
    Trigger.objects.filter(slug="legal-risk").update(review_on=T0.date())
    assert [(kind.slug, row.slug) for kind, row in reviews.overdue(T0)] == [("triggers", "legal-risk")]
