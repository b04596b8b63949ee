"""Following one's own ticket by its personal link."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from escalation import approvals, assignment, conversation, holds, moves, outbox, waiting
from escalation.models import RiskFlag
from escalation.models.escalation import State
from helpdesk import letters
from helpdesk.portal import history
from helpdesk.portal.stand import standing
from helpdesk.portal.stand import word as word_for_customer
from metrics.models import Rating
from policies.risks import Risk
from tests.builders import on_floor, open_ticket, stand
from tests.portal.conftest import link
from tickets.links import VALID_FOR, personal_token
from tickets.models import Attachment, Tag, Ticket
from tickets.refusals import Conflict


def word(ticket: Ticket) -> str:
    return word_for_customer(standing().get(pk=ticket.pk))


def fresh(**fields) -> Ticket:
    return open_ticket(now=timezone.now(), **fields)


def test_customer_sees_own_words_and_public_answers_with_a_first_name_only(people, customer):
    ticket = fresh()
    people.agent.name = "Marta Bianchi"
    people.agent.save()
    conversation.reply(ticket.pk, actor=people.agent, body="We look **now**.")
    text = customer.get(link(ticket)).content.decode()
    assert "my parcel should have come on Friday" in text
    assert "<strong>now</strong>" in text
    assert "Marta" in text
    assert "Bianchi" not in text
    assert people.agent.email not in text


def test_notes_floors_reasons_and_their_files_never_reach_the_customer(people, customer):
    ticket = on_floor(3, people, now=timezone.now())
    conversation.note(
        ticket.pk, actor=people.legal, body="CANARY note", files=[SimpleUploadedFile("CANARY.txt", b"secret")]
    )
    text = customer.get(link(ticket)).content.decode()
    for secret in ("CANARY", "Floor", "floor_", "legal", "needs a specialist's eyes", "Risk and Legal"):
        assert secret not in text
    hidden = Attachment.objects.get()
    assert customer.get(link(ticket, "file", hidden.pk)).status_code == 404


def test_state_is_told_in_plain_words(people):
    ticket = fresh()
    assert word(ticket) == "Received"
    assignment.assign(ticket.pk, actor=people.agent, assignee=people.agent)
    assert word(ticket) == "Being looked at"
    waiting.wait(ticket.pk, actor=people.agent, reason="Photo of the ring")
    assert word(ticket) == "Waiting for you"
    conversation.customer_message(ticket.pk, body="Here it is.")
    moves.escalate(ticket.pk, actor=people.agent, justification="needs a specialist's eyes")
    assert word(ticket) == "With a specialist"
    moves.resolve(ticket.pk, actor=people.specialist, summary="A new ring is on its way.")
    assert word(ticket) == "Answered"
    conversation.close(ticket.pk)
    assert word(ticket) == "Closed"


def test_broken_promise_is_admitted(people, customer):
    ticket = open_ticket(now=timezone.now() - timedelta(days=2))
    assert "longer than we promised" in customer.get(link(ticket)).content.decode()


def test_reply_with_a_file_starts_the_paused_clock(people, customer):
    ticket = fresh()
    waiting.wait(ticket.pk, actor=people.agent, reason="Photo of the ring")
    answer = customer.post(
        link(ticket, "reply"), {"body": "Here it is.", "files": [SimpleUploadedFile("ring.jpg", b"jpeg")]}, follow=True
    )
    assert "Your message has arrived" in answer.content.decode()
    assert "ring.jpg" in answer.content.decode()
    assert stand(ticket).visits.get(left_at__isnull=True).due_at is not None


def test_reply_reopens_a_resolved_ticket(people, customer):
    ticket = fresh()
    moves.resolve(ticket.pk, actor=people.agent, summary="Sent again.")
    customer.post(link(ticket, "reply"), {"body": "Still not here."})
    assert stand(ticket).state == State.FLOOR_1


def test_reply_sent_twice_arrives_once(people, customer):
    ticket = fresh()
    form = {"body": "Hello?", "token": "6f1d6f8e4be64c3e9f2b7a0c5d4e3f21"}
    customer.post(link(ticket, "reply"), form)
    customer.post(link(ticket, "reply"), form)
    assert ticket.messages.count() == 2


def test_empty_reply_is_refused_and_changes_nothing(people, customer):
    ticket = fresh()
    answer = customer.post(link(ticket, "reply"), {"body": "  "})
    assert answer.status_code == 422
    assert ticket.messages.count() == 1


def test_solved_closes_a_resolved_ticket_and_explains_when_it_cannot(people, customer):
    ticket = fresh()
    early = customer.post(link(ticket, "solved"), follow=True)
    assert "cannot be closed yet" in early.content.decode()
    moves.resolve(ticket.pk, actor=people.agent, summary="Sent again.")
    assert "this solved it" in customer.get(link(ticket)).content.decode()
    customer.post(link(ticket, "solved"))
    ticket.refresh_from_db()
    assert ticket.closed_at is not None


def test_outcome_is_rated_and_the_rating_changed_for_seven_days(people, customer):
    ticket = fresh()
    assert customer.post(link(ticket, "rate"), {"score": 5}).status_code == 422
    moves.resolve(ticket.pk, actor=people.agent, summary="Sent again.")
    customer.post(link(ticket, "rate"), {"score": 2, "comment": "Slow."})
    answer = customer.post(link(ticket, "rate"), {"score": 4, "comment": "Slow, but kind."}, follow=True)
    assert "Thank you for your rating" in answer.content.decode()
    assert "Slow, but kind." in answer.content.decode()
    rating = Rating.objects.get()
    assert (rating.score, rating.comment) == (4, "Slow, but kind.")
    Rating.objects.update(rated_at=timezone.now() - timedelta(days=8))
    assert "Send the rating" not in customer.get(link(ticket)).content.decode()
    assert customer.post(link(ticket, "rate"), {"score": 1}).status_code == 422
    assert Rating.objects.get().score == 4


@pytest.mark.parametrize("score", ["", "0", "6", "5.5", "five", "\x00"])
def test_score_that_does_not_exist_is_refused(people, customer, score):
    ticket = fresh()
    moves.resolve(ticket.pk, actor=people.agent, summary="Sent again.")
    assert customer.post(link(ticket, "rate"), {"score": score}).status_code == 422
    assert not Rating.objects.exists()


def test_following_a_link_changes_nothing(people, customer):
    ticket = fresh()
    moves.resolve(ticket.pk, actor=people.agent, summary="Sent again.")
    before = stand(ticket).version
    for name in ("solved", "reply", "rate"):
        assert customer.get(link(ticket, name)).status_code == 405
    customer.get(link(ticket))
    assert stand(ticket).version == before


def test_forged_foreign_and_old_links_open_nothing(people, customer):
    ticket = fresh()
    token = personal_token(ticket.pk)
    other = token.replace(f"{ticket.pk}.", f"{ticket.pk + 1}.", 1)
    for forged in (other, token[:-1] + ("A" if token[-1] != "A" else "B"), f"{ticket.pk}.abc.defghijk", "x" * 20):
        assert customer.get(f"/help/my/{forged}/").status_code == 404
    with time_machine.travel(timezone.now() + VALID_FOR + timedelta(days=1)):
        assert customer.get(f"/help/my/{token}/").status_code == 404


def test_files_are_sent_as_bytes_to_save(people, customer):
    name = 'x"><img src=x onerror=alert(1)>.svg'
    ticket = fresh(files=[SimpleUploadedFile(name, b"<svg onload='alert(1)'/>", content_type="image/svg+xml")])
    file = Attachment.objects.get()
    assert "<img src=x" not in customer.get(link(ticket)).content.decode()
    answer = customer.get(link(ticket, "file", file.pk))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    foreign = fresh(customer_email="other@example.org")
    assert customer.get(link(foreign, "file", file.pk)).status_code == 404


@pytest.mark.parametrize("field", ["subject", "body", "customer_name"])
def test_markup_of_strangers_is_shown_as_text(people, customer, field):
    ticket = fresh(**{field: "<script>alert(1)</script>"})
    text = customer.get(link(ticket)).content.decode()
    assert "<script>alert(1)" not in text


def test_personal_link_is_kept_from_other_sites_and_caches(people, customer):
    answer = customer.get(link(fresh()))
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "no-store, private"


def test_history_tells_the_customers_own_words_with_times_and_nothing_of_the_house(people, customer):
    ticket = on_floor(3, people, now=timezone.now())
    assert [name for name, _at in history.steps(ticket)] == ["Received", "With a specialist"]
    other = fresh()
    assignment.assign(other.pk, actor=people.agent, assignee=people.agent)
    waiting.wait(other.pk, actor=people.agent, reason="CANARY")
    conversation.customer_message(other.pk, body="Here it is.")
    moves.escalate(other.pk, actor=people.agent, justification="CANARY reason of the house")
    moves.send_down(other.pk, actor=people.specialist, floor=1, justification="CANARY triage can do this")
    moves.resolve(other.pk, actor=people.agent, summary="CANARY summary")
    conversation.customer_message(other.pk, body="Not solved.")
    moves.resolve(other.pk, actor=people.agent, summary="CANARY summary")
    conversation.close(other.pk)
    told = [name for name, _at in history.steps(other)]
    assert told == ["Received", "Being looked at", "Waiting for you", "Being looked at", "With a specialist",
                    "Being looked at", "Answered", "Being looked at", "Answered", "Closed"]  # fmt: skip
    assert told[-1] == word(other)
    assert "CANARY" not in customer.get(link(other)).content.decode()


def test_names_of_staff_are_shown_as_the_house_wants_and_never_to_whom_they_must_fear(people, customer, settings):
    ticket = fresh()
    people.legal.name = "Marta Bianchi"
    people.legal.save()
    conversation.reply(ticket.pk, actor=people.legal, body="We look.")
    assert "Marta" in customer.get(link(ticket)).content.decode()
    settings.STAFF_NAMES = "none"
    hidden = customer.get(link(ticket)).content.decode()
    assert "Marta" not in hidden and "Our team" in hidden
    settings.STAFF_NAMES = "first"
    RiskFlag.objects.create(escalation_id=ticket.pk, risk=Risk.HARASSMENT, flagged_at=timezone.now())
    assert "Marta" not in customer.get(link(ticket)).content.decode()


def test_what_was_answered_long_ago_is_asked_anew(people, customer, settings):
    ticket = fresh(order={"reference": "11/82 &x"})
    moves.resolve(ticket.pk, actor=people.agent, summary="Sent again.")
    with time_machine.travel(timezone.now() + timedelta(days=settings.REOPEN_DAYS, hours=1), tick=False):
        late = timezone.now()
        assert not conversation.may_continue(standing().get(pk=ticket.pk), now=late)
        with pytest.raises(Conflict) as refused:
            conversation.customer_message(ticket.pk, body="Again!", now=late)
    assert refused.value.code == "too_old"
    assert stand(ticket).state == State.RESOLVED and ticket.messages.count() == 1
    settings.REOPEN_DAYS = -1
    text = customer.get(link(ticket)).content.decode()
    assert "Please ask anew" in text and "/help/?order=11/82%20%26x" in text and 'name="body"' not in text
    answer = customer.post(link(ticket, "reply"), {"body": "Still here."})
    assert answer.status_code == 422 and "Still here." in answer.content.decode()
    assert ticket.messages.count() == 1


def test_page_of_a_ticket_asks_few_queries(people, customer, django_assert_max_num_queries):
    ticket = fresh(files=[SimpleUploadedFile(f"{n}.txt", b"x") for n in range(3)])
    for n in range(5):
        conversation.reply(ticket.pk, actor=people.agent, body=f"Answer {n}")
    moves.resolve(ticket.pk, actor=people.agent, summary="Sent again.")
    with django_assert_max_num_queries(10):
        customer.get(link(ticket))


def test_foreign_and_long_words_stay_whole_and_turn_the_right_way(people, customer):
    ticket = fresh(subject="خاتم مكسور 💍", body="مرحبا\n" + "x" * 9000)
    text = customer.get(link(ticket)).content.decode()
    assert '<h1 dir="auto">خاتم مكسور 💍</h1>' in text and '<div class="body-text" dir="auto">مرحبا' in text


def test_no_word_of_the_house_is_on_any_page_or_in_any_letter_of_a_customer(people, customer, signed_in, mailoutbox):
    ticket = fresh(tags=[Tag.objects.get(slug="vip")], language="en")
    conversation.note(ticket.pk, actor=people.agent, body="CANARY", files=[SimpleUploadedFile("CANARY", b"x")])
    external = SimpleUploadedFile("ours.pdf", b"x")
    conversation.reply(ticket.pk, actor=people.agent, body="We look into it.", files=[external])
    moves.escalate(ticket.pk, actor=people.agent, justification="CANARY needs another pair of eyes")
    holds.place(ticket.pk, actor=people.specialist, reason="CANARY hold")
    asked = moves.escalate(ticket.pk, actor=people.specialist, justification="CANARY a legal question")
    approvals.approve(asked.pk, actor=people.supervisor, note="CANARY Risk must see it")
    text_of_pages = ""
    for page in (link(ticket), link(ticket, "received"), "/help/", "/help/my/", f"/help/my/{ticket.pk}/"):
        for reader in (customer, signed_in):
            text_of_pages += reader.get(page).content.decode()
    outbox.relay(letters.send)
    said = "".join(mail.subject + mail.body for mail in mailoutbox if mail.to == ["carla@example.org"])
    assert "We look into it." in text_of_pages and "ours.pdf" in text_of_pages and "We look into it." in said
    for secret in ("CANARY", "Floor", "floor_", "legal", "Legal", "vip", "VIP", " hold", "first-line", "example.com"):
        assert secret not in text_of_pages and secret not in said.replace(settings.DEFAULT_FROM_EMAIL, ""), secret
