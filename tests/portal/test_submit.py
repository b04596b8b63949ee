"""Asking for help."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from escalation import apologies, outbox
from escalation.models import OutboxMessage
from helpdesk import letters
from helpdesk.templatetags.ux import plain_duration
from policies import succession
from policies.models import Calendar, FloorLimit, ResponseTime
from policies.responses import promised
from tests.builders import T0, open_ticket
from tests.portal.conftest import words
from tickets.models import Attachment, Category, Channel, Customer, Ticket
from tickets.refusals import Invalid

URL = "/help/"


def test_request_becomes_a_ticket_with_customer_order_and_clock(people, customer):
    answer = customer.post(URL, words(), follow=True)
    ticket = Ticket.objects.get()
    assert (ticket.subject, ticket.channel.slug, ticket.order_reference) == ("Where is my parcel", "web", "1182")
    assert (ticket.customer.email, ticket.customer.name, ticket.language) == ("carla@example.org", "Carla Conti", "it")
    assert ticket.escalation.visits.get().due_at is not None
    assert f"#{ticket.number}" in answer.content.decode()
    assert reverse("portal:follow", args=[answer.context["token"]]) in answer.content.decode()


def test_what_fits_can_be_read_while_one_waits(people, customer):
    damaged = Category.objects.get(slug="damage")
    page = customer.post(URL, words(category=damaged.pk), follow=True).content.decode()
    assert "/help/articles/where-is-my-order/" in page
    assert 'href="/help/rights/#refunds"' in page


def test_promise_is_read_from_the_policy_in_force(people, customer, monkeypatch):
    now = datetime(2026, 11, 16, 13, 25, tzinfo=UTC)
    successor = ResponseTime(first_response=timedelta(minutes=7), resolution=timedelta(days=1))
    succession.follow(ResponseTime.objects.all(), successor, start=T0)
    monkeypatch.setattr("helpdesk.portal.submit.database_now", lambda: now)
    text = customer.get(URL).content.decode()
    assert "<strong>by 14:32 today</strong>" in text
    assert "<strong>by 14:25 tomorrow</strong>" in text


def test_address_is_kept_in_lower_case_so_that_one_person_is_one_customer(people, customer):
    customer.post(URL, words(email="CARLA@Example.ORG"))
    customer.post(URL, words(email="carla@example.org"))
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("field", ["name", "email", "subject", "body"])
def test_missing_field_is_named_and_the_text_is_kept(people, customer, field):
    answer = customer.post(URL, words(**{field: " "}))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    kept = "subject" if field != "subject" else "body"
    assert words()[kept] in answer.content.decode()
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("value", ["x" * 251, "a\x00b"])
def test_impossible_subject_is_refused_in_words(people, customer, value):
    answer = customer.post(URL, words(subject=value))
    assert answer.status_code == 422
    assert answer.context["form"].errors["subject"]


def test_line_breaks_in_the_subject_cannot_become_mail_headers(people, customer):
    customer.post(URL, words(subject="Hello\r\nBcc: everybody@example.net"))
    assert Ticket.objects.get().subject == "Hello Bcc: everybody@example.net"


def test_files_come_along_and_a_refused_one_costs_no_text(people, customer):
    fine = [SimpleUploadedFile("ring.jpg", b"jpeg"), SimpleUploadedFile("../../evil<b>.svg", b"<svg/>")]
    customer.post(URL, words(files=fine))
    assert sorted(Attachment.objects.values_list("name", flat=True)) == ["evil<b>.svg", "ring.jpg"]
    answer = customer.post(URL, words(files=[SimpleUploadedFile("empty.txt", b"")]))
    assert answer.status_code == 422
    assert "empty.txt is empty" in answer.content.decode()
    assert words()["body"] in answer.content.decode()
    assert Ticket.objects.count() == 1


def test_form_sent_twice_opens_one_ticket_and_leads_to_the_same_page(people, customer):
    form = words(token=uuid.uuid4().hex)
    first, second = customer.post(URL, form), customer.post(URL, form)
    assert first.url == second.url
    assert Ticket.objects.count() == 1


def test_refused_form_may_be_sent_again(people, customer):
    token = uuid.uuid4().hex
    assert customer.post(URL, words(token=token, files=[SimpleUploadedFile("e", b"")])).status_code == 422
    assert customer.post(URL, words(token=token)).status_code == 302
    assert Ticket.objects.count() == 1


def test_program_that_fills_the_hidden_field_opens_nothing(people, customer):
    customer.post(URL, words(website="http://spam.example"))
    assert not Ticket.objects.exists()


def test_at_most_ten_letters_of_receipt_in_an_hour_go_out_for_one_address(people, customer):
    for number in range(12):
        assert customer.post(URL, words(email=f"victim{number}@example.org")).status_code == 302
    assert Ticket.objects.count() == 12
    assert OutboxMessage.objects.filter(topic="received").count() == 10


def test_flood_is_stopped_with_the_text_kept(people, customer, monkeypatch):
    monkeypatch.setattr("helpdesk.portal.limits.SUBMISSIONS", 2)
    for _ in range(2):
        customer.post(URL, words())
    answer = customer.post(URL, words())
    assert answer.status_code == 429
    assert words()["body"] in answer.content.decode()
    assert Ticket.objects.count() == 2


def test_form_needs_its_safety_token(people):
    answer = Client(enforce_csrf_checks=True).post(URL, words())
    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()
    assert not Ticket.objects.exists()


def test_response_time_guide_is_written_from_the_policy_in_force(people, customer, django_assert_max_num_queries):
    phone = Channel.objects.get(slug="phone")
    common = ResponseTime.objects.get(channel=None)
    ResponseTime.objects.create(channel=phone, first_response="00:02:00", resolution="3 days", valid_from=T0)
    with django_assert_max_num_queries(6):
        text = customer.get("/help/response-times/").content.decode()
    assert "2 minutes" in text
    assert "3 days" in text
    assert plain_duration(common.first_response) in text
    assert Channel.objects.filter(name="E-mail").exists() and "E-mail" in text


def closed_now(now) -> Calendar:
    """Let the first floor run from Monday to Friday, 9 to 18 in Rome."""
    week = [[["09:00", "18:00"]]] * 5 + [[], []]
    calendar = Calendar.objects.create(
        slug="desk", name="Desk", zone="Europe/Rome", week=week, valid_from=now - timedelta(days=400)
    )
    successor = FloorLimit(floor=1, limit=timedelta(minutes=15), calendar=calendar)
    succession.follow(FloorLimit.objects.filter(floor=1), successor, start=T0)
    return calendar


SATURDAY = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)


def test_promise_is_a_time_of_day_and_counts_while_the_desk_is_open(people):
    open_always = promised(Channel.objects.get(slug="web"), SATURDAY)
    assert (open_always.answer_at, open_always.opens_at) == (SATURDAY + timedelta(minutes=8), None)
    closed_now(SATURDAY)
    promise = promised(Channel.objects.get(slug="web"), SATURDAY)
    assert promise.opens_at == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert promise.answer_at == datetime(2026, 11, 23, 8, 8, tzinfo=UTC)


def test_closed_desk_says_when_it_opens_and_when_the_answer_comes(people, customer, monkeypatch):
    closed_now(SATURDAY)
    monkeypatch.setattr("helpdesk.portal.submit.database_now", lambda: SATURDAY)
    text = customer.get(URL).content.decode()
    assert "opens at 09:00 on Monday 23 November" in text and "by 09:08 on Monday 23 November" in text
    monkeypatch.setattr("helpdesk.portal.submit.database_now", lambda: SATURDAY - timedelta(days=1))
    text = customer.get(URL).content.decode()
    assert "closed" not in text and "by 12:08 today" in text


def test_nobody_is_apologised_to_before_the_desk_has_opened(people):
    closed_now(SATURDAY)
    open_ticket(now=SATURDAY)
    assert apologies.tell_late(SATURDAY + timedelta(hours=20)) == 0
    assert apologies.tell_late(datetime(2026, 11, 23, 8, 9, tzinfo=UTC)) == 1


def test_help_centre_without_starter_content_says_that_it_is_not_open_yet(db, customer):
    answer = customer.get(URL)
    assert answer.status_code == 503 and "not open yet" in answer.content.decode()
    assert customer.post(URL, words()).status_code == 503
    assert customer.get("/help/response-times/").status_code == 200


def test_wish_of_the_customer_is_shown_to_staff(people, customer, client):
    customer.post(URL, words(wish="replacement"))
    ticket = Ticket.objects.get()
    assert ticket.wish == "replacement"
    client.force_login(people.agent)
    assert "replacement" in client.get(f"/desk/tickets/{ticket.pk}/").content.decode()
    assert customer.post(URL, words(wish="a pony")).status_code == 422
    with pytest.raises(Invalid):
        open_ticket(wish="a pony")


def test_strangers_letter_of_receipt_repeats_nothing_and_the_customers_own_is_a_copy(
    people, customer, signed_in, mailoutbox
):
    customer.post(URL, words(language="en"))
    signed_in.post(URL, words(order="77", language="en"))
    outbox.relay(letters.send)
    first, second = mailoutbox
    assert words()["body"] not in first.body and words()["subject"] not in first.body
    assert words()["body"] in second.body and "You get a first answer by" in second.body


def test_who_is_signed_in_is_not_asked_again_and_cannot_write_as_somebody_else(people, signed_in):
    text = signed_in.get(URL).content.decode()
    assert "Signed in as carla@example.org" in text and 'name="email"' not in text
    signed_in.post(URL, words(email="other@example.org", name="Other"))
    assert Ticket.objects.get().customer.email == "carla@example.org"


def test_customer_who_wrote_about_the_order_is_asked_to_continue_there(people, signed_in):
    first = open_ticket(now=timezone.now(), order={"reference": "1182"})
    asked = signed_in.post(URL, words())
    text = asked.content.decode()
    assert asked.status_code == 409
    assert "You wrote about order 1182" in text and f"#{first.pk}" in text and words()["body"] in text
    assert Ticket.objects.count() == 1
    form = words(token=uuid.uuid4().hex)
    file = SimpleUploadedFile("ring.jpg", b"jpeg")
    added = signed_in.post(URL, form | {"add_to": first.pk, "files": [file]})
    assert added.url == f"/help/my/{first.pk}/"
    signed_in.post(URL, form | {"add_to": first.pk})
    assert first.messages.count() == 2 and Attachment.objects.count() == 1
    assert signed_in.post(URL, words(anyway="yes")).status_code == 302
    assert Ticket.objects.count() == 2


def test_strangers_hear_of_no_other_request_and_add_to_none(people, customer, signed_in):
    first = open_ticket(now=timezone.now(), order={"reference": "1182"})
    foreign = open_ticket(now=timezone.now(), order={"reference": "99"}, customer_email="other@example.org")
    assert customer.post(URL, words(add_to=first.pk)).status_code == 302
    assert signed_in.post(URL, words(order="99", add_to=foreign.pk)).status_code == 302
    assert first.messages.count() == foreign.messages.count() == 1
    assert foreign.subject not in customer.get(URL).content.decode()
    assert "continue there" not in customer.get(URL).content.decode()


def test_form_reminds_of_open_requests_with_few_queries(people, signed_in, django_assert_max_num_queries):
    for n in range(5):
        open_ticket(now=timezone.now(), subject=f"Parcel {n}")
    with django_assert_max_num_queries(7):
        text = signed_in.get(URL).content.decode()
    assert sum(f"Parcel {n}" in text for n in range(5)) == 3
