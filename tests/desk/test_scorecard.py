"""The scorecard's pages: who reads, who writes, what the files hold, what stays hidden."""

import csv
import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse

from metrics import fridays, notes, pulse, scorecard
from metrics.models import Note, PulseAnswer, QaReview, Scorecard, Target
from tests.builders import T0, open_ticket
from tests.metrics.story import WEEK, weeks_of_work

W47 = "2026-W47"
STAFF = ["agent", "specialist", "supervisor", "risk", "legal", "executive", "manager", "policy", "admin"]
EDITORS = {"manager", "admin"}
REVIEWERS = {"supervisor", "risk", "legal", "manager", "admin"}


@pytest.fixture
def story(people):
    weeks_of_work(people, 2)
    return people


def get(client, user, name: str, *args, **query):
    client.force_login(user)
    return client.get(reverse(f"desk:{name}", args=args), query)


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize("who", STAFF)
def test_everybody_on_the_staff_reads_the_scorecard(client, people, who):
    person = getattr(people, who)
    assert get(client, person, "scorecard").status_code == 200
    assert get(client, person, "metric", "backlog").status_code == 200
    assert get(client, person, "scorecard_csv").status_code == 200
    assert get(client, person, "scorecard_xlsx").status_code == 200
    assert get(client, person, "pulse").status_code == 200
    assert get(client, person, "qa").status_code == (200 if who in REVIEWERS else 403)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("scorecard", []),
        ("scorecard_csv", []),
        ("scorecard_xlsx", []),
        ("metric", ["backlog"]),
        ("pulse", []),
        ("qa", []),
    ],
)
def test_strangers_read_nothing_and_nobody_reads_signed_out(client, people, name, args):
    url = reverse(f"desk:{name}", args=args)
    assert client.get(url).status_code == 302
    assert get(client, people.stranger, name, *args).status_code == 403


@pytest.mark.parametrize("who", [*STAFF, "stranger"])
def test_notes_targets_and_corrections_are_for_managers_and_administrators(client, story, who):
    client.force_login(getattr(story, who))
    allowed = who in EDITORS
    before = (Note.objects.count(), Target.objects.count(), Scorecard.objects.count())
    answers = [
        client.post(reverse("desk:scorecard_note"), {"week": W47, "key": "morale", "text": "A quiet week."}),
        client.post(reverse("desk:target", args=["backlog"]), {"week": W47, "value": "40", "reason": "We can do it."}),
        client.post(reverse("desk:scorecard_correct"), {"week": W47, "reason": "A rating was changed."}),
    ]
    assert [answer.status_code for answer in answers] == [302 if allowed else 403] * 3
    after = (Note.objects.count(), Target.objects.count(), Scorecard.objects.count())
    assert after == tuple(count + allowed for count in before)


def test_the_page_says_in_one_line_how_the_week_went(client, story):
    text = text_of(get(client, story.agent, "scorecard", week=W47))
    assert "5 of 8 on target; worst against target: SLA adherence 50 of 95." in text
    assert "Covers Fri 13 Nov, 17:00 to Fri 20 Nov, 17:00 (Europe/Rome)" in text
    assert "Two people were ill" in text
    assert "small sample" in text


def test_without_data_a_card_shows_a_dash_and_why(client, people):
    text = text_of(get(client, people.agent, "scorecard"))
    assert "Draft" in text
    assert "Answers are counted when the week is over." in text
    assert "No data" in text


def test_a_published_page_is_the_same_after_the_tickets_went_on(client, story):
    before = text_of(get(client, story.executive, "scorecard", week=W47))
    first = get(client, story.executive, "scorecard_csv", week=W47).content
    open_ticket(now=T0 + timedelta(days=1))
    notes.add(WEEK, "morale", author=story.manager, text="A later thought.")
    after = text_of(get(client, story.executive, "scorecard", week=W47))
    assert get(client, story.executive, "scorecard_csv", week=W47).content == first
    cards = slice(0, before.index("The same in numbers"))
    assert after[cards].replace("A later thought. Manager ", "")[:900] == before[cards][:900]
    assert "after publication" in after


def test_the_list_behind_a_figure_shows_what_the_reader_may_see_and_the_honest_total(client, story):
    text = text_of(get(client, story.agent, "metric", "floor_2_rate", week=W47))
    assert "1 of 2 shown; 1 is restricted." in text
    assert "The ring that was never ours" not in text
    text = text_of(get(client, story.legal, "metric", "floor_2_rate", week=W47))
    assert "All 2 shown." in text
    assert "The ring that was never ours" in text


def test_numerator_and_denominator_are_filters_of_the_list(client, story):
    assert "All 2 shown." in text_of(get(client, story.legal, "metric", "floor_2_rate", week=W47))
    assert "All 5 shown." in text_of(get(client, story.legal, "metric", "floor_2_rate", week=W47, show="all"))


def test_single_review_scores_are_for_reviewers(client, story):
    assert ">92<" not in get(client, story.agent, "metric", "qa_score", week=W47).content.decode()
    assert ">92<" in get(client, story.supervisor, "metric", "qa_score", week=W47).content.decode()


def test_a_figure_is_taken_apart_and_its_parts_add_up(client, story):
    response = get(client, story.agent, "metric", "floor_2_rate", week=W47)
    parts = dict(response.context["parts"])
    assert set(parts) == {"Channel", "Language", "Floor"}
    assert all(sum(n for _name, _value, n in rows) == 5 for rows in parts.values())
    assert ("Floor 1", "0", 3) in parts["Floor"]
    days = response.context["days"]
    assert days[0][0].isoformat() == "2026-11-13" and len(days) == 8
    assert [day.isoformat() for day, value in days if value is not None] == ["2026-11-16"]
    assert "Day by day" in text_of(response)


def test_parts_of_single_reviews_are_for_reviewers(client, story):
    hidden, shown = (get(client, who, "metric", "qa_score", week=W47) for who in (story.agent, story.supervisor))
    assert all(value == "–" for _name, rows in hidden.context["parts"] for _called, value, n in rows if n < 5)
    assert all(value is None for _day, value in hidden.context["days"])
    assert any(value is not None for _day, value in shown.context["days"])
    assert ("Floor 1", "91", 3) in dict(shown.context["parts"])["Floor"]


def test_figures_about_people_have_no_list(client, story):
    for key in ("morale", "turnover"):
        response = get(client, story.admin, "metric", key, week=W47)
        assert "there is no list" in text_of(response)
        assert not response.context["parts"] and not response.context["days"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"week": "2026-47"}, 400),
        ({"week": "2099-W01"}, 404),
        ({"week": W47, "edition": "7"}, 404),
        ({"week": W47, "edition": "x"}, 404),
        ({"week": W47, "team": "nobody"}, 404),
        ({"week": W47, "team": "first-line"}, 200),
        ({"week": W47, "edition": "1"}, 200),
    ],
)
def test_odd_addresses_get_a_plain_answer(client, story, query, status):
    assert get(client, story.agent, "scorecard", **query).status_code == status
    assert get(client, story.agent, "metric", "backlog", **query).status_code == status


def test_an_unknown_figure_does_not_exist(client, people):
    assert get(client, people.agent, "metric", "happiness").status_code == 404


def test_a_refused_form_keeps_what_was_typed(client, story):
    client.force_login(story.manager)
    answer = client.post(reverse("desk:scorecard_correct"), {"week": W47, "reason": "oops"})
    assert answer.status_code == 422
    assert ">oops</textarea>" in answer.content.decode().replace("\n", "")
    answer = client.post(reverse("desk:scorecard_note"), {"week": W47, "key": "nothing", "text": "Kept text"})
    assert answer.status_code == 422
    assert "Kept text" in answer.content.decode()


EVIL = ["=HYPERLINK(0)", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "|cmd", "%0A=1"]


def test_csv_text_never_becomes_a_formula_and_numbers_stay_numbers(client, people):
    open_ticket(now=fridays.due(WEEK) - timedelta(days=8))
    people.manager.name = "=1+1"
    people.manager.save()
    Target.objects.filter(key="backlog").update(owner_role="@owner")
    notes.add(WEEK, "backlog", author=people.manager, text="=cmd|' /C calc'!A0")
    scorecard.publish(WEEK, now=fridays.due(WEEK) + scorecard.GRACE)
    answer = get(client, people.agent, "scorecard_csv", week=W47)
    assert answer["Content-Disposition"] == 'attachment; filename="scorecard-2026-W47-edition-1.csv"'
    rows = {row["key"]: row for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}
    backlog = rows["backlog"]
    assert backlog["owner"] == "'@owner"
    assert backlog["notes"].startswith("'=1+1: =cmd")
    assert (backlog["value"], backlog["comparison"], backlog["target"], backlog["met"]) == (
        "1.0000",
        "<",
        "50.00",
        "yes",
    )
    assert rows["satisfaction"]["value"] == ""


@pytest.mark.parametrize("text", EVIL)
def test_whatever_starts_a_formula_is_made_harmless(text):
    from helpdesk.desk.scorecard_files import harmless

    assert harmless(text) == f"'{text}"
    assert harmless(f"a{text}") == f"a{text}"


def test_xlsx_holds_numbers_as_numbers_and_no_formula_at_all(client, people):
    people.manager.name = "=1+1"
    people.manager.save()
    open_ticket(now=T0)
    notes.add(WEEK, "backlog", author=people.manager, text='=HYPERLINK("http://evil.example")')
    scorecard.publish(WEEK, now=fridays.due(WEEK) + scorecard.GRACE)
    answer = get(client, people.agent, "scorecard_xlsx", week=W47)
    book = zipfile.ZipFile(io.BytesIO(answer.content))
    sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 2
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)
    assert "=HYPERLINK" in book.read("xl/sharedStrings.xml").decode()
    assert "sparkline" in sheets[0]


def test_markup_in_notes_and_names_is_text(client, people):
    people.manager.name = "<script>alert(1)</script>"
    people.manager.save()
    open_ticket(now=T0)
    notes.add(WEEK, "backlog", author=people.manager, text="<img src=x onerror=alert(2)>")
    scorecard.publish(WEEK, now=fridays.due(WEEK) + scorecard.GRACE)
    for page in ("scorecard", "metric"):
        body = get(client, people.agent, page, *(["backlog"] if page == "metric" else []), week=W47).content.decode()
        assert "<script>alert" not in body
        assert "<img src=x" not in body


def test_the_pulse_form_stores_an_answer_once_and_no_name(client, people):
    client.force_login(people.agent)
    page = client.get(reverse("desk:pulse"))
    assert "No name is stored with your answer" in page.content.decode()
    for score in ("75", "0"):
        assert client.post(reverse("desk:pulse"), {"score": score}).status_code == 302
    assert list(PulseAnswer.objects.values_list("score", flat=True)) == [75]
    assert "You have answered this week" in client.get(reverse("desk:pulse")).content.decode()
    assert client.post(reverse("desk:pulse"), {"score": "60"}).status_code == 422
    client.force_login(people.manager)
    assert client.post(reverse("desk:pulse"), {"score": "0"}).status_code == 403


def test_the_scorecard_reminds_the_front_line_of_its_pulse(client, people):
    assert "Answer one question" in get(client, people.agent, "scorecard").content.decode()
    assert "Answer one question" not in get(client, people.manager, "scorecard").content.decode()
    pulse.answer(people.agent, score=75)
    assert "Answer one question" not in get(client, people.agent, "scorecard").content.decode()


def test_a_review_is_stored_and_refused_kindly(client, people):
    ticket = open_ticket()
    client.force_login(people.supervisor)
    form = {"number": ticket.pk, "reviewed": people.agent.pk, "score": "88", "note": "Clear and kind."}
    assert client.post(reverse("desk:qa"), form).status_code == 302
    assert QaReview.objects.get().score == 88
    for wrong in ({"number": "999999"}, {"score": "101"}, {"reviewed": people.supervisor.pk}, {"number": "x"}):
        assert client.post(reverse("desk:qa"), form | wrong).status_code == 422
    assert QaReview.objects.count() == 1


def test_a_stored_week_is_shown_in_few_queries(client, story, django_assert_max_num_queries):
    get(client, story.agent, "scorecard", week=W47)
    with django_assert_max_num_queries(26):
        get(client, story.agent, "scorecard", week=W47)
