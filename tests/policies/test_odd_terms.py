"""Whatever stands in a draft is taken or refused in words, for every column of every kind: nothing breaks."""

import pytest
from django.db import transaction
from django.urls import reverse

from policies import book, checks, proposals
from tests.builders import T0
from tickets.refusals import Invalid, Refusal

ODD = (
    True, -1, 10**12, 0.5, "-1", "NaN", "9" * 300, "P999999999D", "P9999999999999D", "-P1D", "\u202e<script>",
    {"en": 1}, {"xx": "y"}, {"en": {"en": "x"}}, ["x"], [1], [None], [[["09:00"]]], [[["09:00", "08:00"]]] * 7,
    {"en": "a\nb"},
)  # fmt: skip


WHOLE = {
    "calendars": {"slug": "shop", "name": "Shop", "zone": "Europe/Rome", "week": [[["09:00", "13:00"]]] * 7},
    "retention": {"months": 24},
    "decision-matrix": {"slug": "gift", "problem": "damage", "remedy": "refund", "roles": ["agent"], "up_to": "20.00",
                        "currency": "EUR"},
}  # fmt: skip
CLOSURES = [[{"from": "9999-12-30", "until": "9999-12-31", "why": "x"}], [{"from": 1}], [{"from": "0001-01-01"}], "x"]


@pytest.mark.parametrize("slug", [kind.slug for kind in book.KINDS.values() if not kind.own_drafts])
def test_odd_terms_are_taken_or_refused_in_words(people, slug):
    kind = book.kind(slug)
    whole = WHOLE.get(slug) or kind.write(kind.current().first())
    for column in kind.columns:
        for value in (*ODD, *(CLOSURES if column == "closures" else ())):
            try:
                with transaction.atomic():
                    draft = proposals.begin(kind, whole | {column: value}, actor=people.policy, now=T0)
                    proposals.comparison(draft)
                    made = proposals.publish(draft.pk, actor=people.admin, revision=1, now=T0)
                    transaction.set_rollback(True)
            except Refusal as refusal:
                assert refusal.detail and refusal.status in (400, 404, 409), (column, value)
            else:
                assert made.pk, (column, value)


@pytest.mark.parametrize(
    ("slug", "terms", "field"),
    [("decision-matrix", {"up_to": "-5.00"}, "up_to"), ("decision-matrix", {"worth_from": "-1"}, "worth_from"),
     ("decision-matrix", {"roles": "agent"}, "roles"), ("decision-matrix", {"window": 15}, "window"),
     ("decision-matrix", {"product": 7}, "product"), ("calendars", {"closures": CLOSURES[0]}, "closures"),
     ("retention", {"months": True}, "months")],
)  # fmt: skip
def test_a_refusal_names_the_column(people, slug, terms, field):
    with pytest.raises(Invalid) as refused:
        proposals.begin(book.kind(slug), WHOLE[slug] | terms, actor=people.policy, now=T0)
    assert refused.value.field == field


def test_no_text_hides_behind_an_address_of_something_else(people):
    for word in checks.TAKEN:
        terms = {"slug": word, "title": "Use", "kind": "article", "texts": {"en": "# Use\nAs follows."}}
        with pytest.raises(Invalid, match="taken"):
            proposals.begin(book.kind("scripts"), terms, actor=people.policy, now=T0)
    taken = set(checks.TAKEN)
    for name in ("desk:knowledge_use", "desk:text_gaps", "portal:suggest"):
        assert reverse(name).rstrip("/").rpartition("/")[2] in taken


def test_a_line_is_one_line(people):
    terms = WHOLE["decision-matrix"] | {"product": "  ring\r\nBcc: all@example.org\x07 "}
    draft = proposals.begin(book.kind("decision-matrix"), terms, actor=people.policy, now=T0)
    assert draft.terms["product"] == "ring Bcc: all@example.org"
