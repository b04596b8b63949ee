"""The book that a new house starts with: complete, in three languages, in our own tone, and the same bytes as files."""

import re
from collections import Counter

import pytest

from policies import book, book_files, knowledge, tone
from policies.languages import LANGUAGES
from policies.models import DecisionRule, Right, Script, Wording
from policies.remedies import Problem
from tests.builders import T0
from tests.policies.test_book_files import emptied
from tickets.clock import database_now

PLACEHOLDERS = {"{customer_name}", "{ticket_number}", "{order}", "{agent_name}", "{until}"}
BY_HAND = {
    "product-answer": {"{answer_with_source}"},
    "delivery-delayed": {"{day}"},
    "detail-needed": {"{detail_and_why}"},
    "service-apology": {"{day}", "{step}"},
    "when-we-cannot-say-yes": {"{one_or_two_things_that_are_possible}"},
}
"""Where a person must write something before it is sent: a placeholder, since sending warns of what is left of them."""
FRAME = (Wording.Kind.ACKNOWLEDGEMENT, Wording.Kind.NEXT_STEP)


def test_it_has_what_a_helpdesk_needs_on_the_first_day(people):
    kinds = Counter(Script.objects.in_force().values_list("kind", flat=True))
    assert kinds["reply"] >= 20 and kinds["article"] >= 15 and kinds["handout"] >= 3
    playbooks = {"jewelry-and-luxury", "language-with-dignity", "protocol-in-short"}
    assert playbooks <= set(Script.objects.filter(kind="playbook").values_list("slug", flat=True))
    assert set(Right.objects.values_list("right", flat=True)) == set(Right.About.values)
    assert set(Right.objects.values_list("policy", flat=True)) == set(Right.Against.values)
    assert set(DecisionRule.objects.values_list("problem", flat=True)) == set(Problem.values)
    # P4.1: a frontline agent gives up to 100 within 24 hours.
    cells = DecisionRule.objects.filter(up_to__isnull=False)
    assert {(cell.up_to, cell.window.total_seconds()) for cell in cells} == {(100, 86_400)}
    assert all("agent" in cell.roles for cell in cells)


def test_every_text_is_in_every_language_with_the_same_parts(people):
    for text in Script.objects.all():
        assert set(text.texts) == set(LANGUAGES), text.slug
        for shape in (
            lambda written: sorted(set(re.findall(r"\{\w+\}", written)) & PLACEHOLDERS),
            lambda written: len(re.findall(r"\{\w+\}", written)),  # those to fill in by hand have a name in each
            lambda written: len(re.findall(r"\(", written)),
            lambda written: len(re.findall(r"^#+ ", written, re.M)),
            lambda written: len(re.findall(r"^(?:- |\d+\. |\| )", written, re.M)),
            lambda written: len(written.split("\n\n")),
        ):
            assert len({str(shape(written)) for written in text.texts.values()}) == 1, text.slug
        by_hand = set(re.findall(r"\{\w+\}", text.texts["en"])) - PLACEHOLDERS
        assert by_hand == BY_HAND.get(text.slug, set()), text.slug
        if text.kind != Script.Kind.REPLY:
            assert all(knowledge.title_in(text, code) for code in LANGUAGES)
            assert len({knowledge.title_in(text, code) for code in LANGUAGES}) == 3, text.slug
    for right in Right.objects.all():
        assert set(right.you) == set(right.we) == set(LANGUAGES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_we_say_to_customers_blames_nobody(people, code):
    for text in Script.objects.filter(kind__in=("reply", "handout")):
        hurtful = [found.text for found in tone.check(text.texts[code], code) if found.kind not in FRAME]
        assert not hurtful, text.slug


def test_the_whole_book_comes_back_from_its_files_to_the_byte(people, tmp_path):
    book_files.export(tmp_path / "a", now=database_now())
    emptied(*book.KINDS)
    done = book_files.load(tmp_path / "a", actor=None, now=T0)
    assert done.in_force > 100 and not done.drafted and not done.unchanged
    book_files.export(tmp_path / "b", now=database_now())
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(f"{slug}.toml" for slug in book.KINDS)
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    again = book_files.load(tmp_path / "b", actor=people.policy, now=T0)
    assert (again.in_force, again.drafted, again.waiting) == (0, 0, 0) and again.unchanged == done.in_force
