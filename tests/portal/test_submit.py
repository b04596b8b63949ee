"""Asking for help."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from escalation.models import OutboxMessage
from helpdesk.templatetags.ux import plain_duration
from policies.models import ResponseTime
from tests.builders import T0
from tests.portal.conftest import words
from tickets.models import Attachment, Channel, Customer, Ticket

URL = "/help/"


def test_request_becomes_a_ticket_with_customer_order_and_clock(people, customer):
    answer = customer.post(URL, words(), follow=True)
    ticket = Ticket.objects.get()
    assert (ticket.subject, ticket.channel.slug, ticket.order_reference) == ("Where is my parcel", "web", "1182")
    assert (ticket.customer.email, ticket.customer.name, ticket.language) == ("carla@example.org", "Carla Conti", "it")
    assert ticket.escalation.visits.get().due_at is not None
    assert f"#{ticket.number}" in answer.content.decode()
    assert reverse("portal:follow", args=[answer.context["token"]]) in answer.content.decode()


def test_promise_is_read_from_the_policy_in_force(people, customer):
    successor = ResponseTime(first_response=timedelta(minutes=7), resolution=timedelta(days=1))
    ResponseTime.objects.get().supersede_with(successor, now=T0)
    text = customer.get(URL).content.decode()
    assert "7 minutes" in text
    assert "24 hours" in text


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
    with django_assert_max_num_queries(2):
        text = customer.get("/help/response-times/").content.decode()
    assert "2 minutes" in text
    assert "3 days" in text
    assert plain_duration(common.first_response) in text
    assert Channel.objects.filter(name="E-mail").exists() and "E-mail" in text
