"""One-time links by mail, and the list of one's own requests."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from escalation import conversation, moves, outbox, waiting
from escalation.models import OutboxMessage
from helpdesk import letters, tasks
from helpdesk.portal.requests import PAGE
from tests.builders import on_floor, open_ticket
from tickets import sign_in
from tickets.models import Customer, CustomerSession, SignInLink

ASK, LIST = "/help/sign-in/", "/help/my/"
CARLA = "carla@example.org"


def written(**fields):
    ticket = open_ticket(now=timezone.now(), **fields)
    OutboxMessage.objects.all().delete()
    return ticket


def letter(mailoutbox) -> str:
    """Send what is owed and return the path of the newest letter's link."""
    outbox.relay(letters.send)
    return re.search(re.escape(settings.SITE_URL) + r"(/help/sign-in/\S+)", mailoutbox[-1].body)[1]


def enter(customer: Client, mailoutbox, email: str = CARLA) -> Client:
    customer.post(ASK, {"email": email})
    customer.post(letter(mailoutbox))
    return customer


def test_link_from_the_letter_signs_in_once(people, customer, mailoutbox):
    ticket = written()
    customer.post(ASK, {"email": " CARLA@example.org "})
    link = letter(mailoutbox)
    assert mailoutbox[0].to == [CARLA]
    assert customer.post(link).url == LIST
    assert ticket.subject in customer.get(LIST).content.decode()
    replayed = Client().post(link)
    assert replayed.status_code == 404
    assert "no longer works" in replayed.content.decode()
    assert CustomerSession.objects.count() == 1


def test_looking_at_a_link_does_not_use_it_up(people, customer, mailoutbox):
    written()
    customer.post(ASK, {"email": CARLA})
    link = letter(mailoutbox)
    for _ in range(3):
        assert Client().get(link).status_code == Client().head(link).status_code == 200
    assert not CustomerSession.objects.exists()
    assert customer.post(link).status_code == 302


def test_neither_answer_nor_work_tells_whether_an_address_is_known(people, mailoutbox, django_assert_num_queries):
    written()
    answers = []
    for email in (CARLA, "nobody@example.org", "agent@example.com"):
        stranger = Client()
        with django_assert_num_queries(6):
            first = stranger.post(ASK, {"email": email})
        page = stranger.get(first.url).content.partition(b"<main")[2].partition(b"</main>")[0]
        cookies = {name: len(morsel.value) for name, morsel in stranger.cookies.items()}
        answers.append((first.status_code, first.url, page, cookies))
    assert answers[0] == answers[1] == answers[2]
    outbox.relay(letters.send)
    assert [mail.to for mail in mailoutbox] == [[CARLA]]


@pytest.mark.parametrize("twin", ["carla@example.orɡ", "ſarla@example.org", "carla@example.org\nbcc: x@example.org"])
def test_address_that_only_looks_alike_gets_no_letter(people, customer, mailoutbox, twin):
    written()
    customer.post(ASK, {"email": twin})
    outbox.relay(letters.send)
    assert mailoutbox == []


def test_letter_names_our_own_address_whatever_host_was_asked_for(people, customer, mailoutbox):
    written()
    assert customer.post(ASK, {"email": CARLA}, headers={"host": "evil.example"}).status_code == 400
    customer.post(ASK, {"email": CARLA}, headers={"x-forwarded-host": "evil.example"})
    outbox.relay(letters.send)
    assert "evil" not in mailoutbox[0].body and settings.SITE_URL in mailoutbox[0].body


def test_newer_link_ends_the_older_one_and_time_ends_it_too(people, customer, mailoutbox):
    written()
    customer.post(ASK, {"email": CARLA})
    first = letter(mailoutbox)
    customer.post(ASK, {"email": CARLA})
    second = letter(mailoutbox)
    assert customer.get(first).status_code == customer.post(first).status_code == 404
    SignInLink.objects.filter(ended_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert customer.get(second).status_code == customer.post(second).status_code == 404
    assert not CustomerSession.objects.exists()


def test_two_wishes_before_the_letters_went_out_are_answered_by_one(people, customer, mailoutbox):
    written()
    customer.post(ASK, {"email": CARLA})
    customer.post(ASK, {"email": CARLA})
    outbox.relay(letters.send)
    assert len(mailoutbox) == 1


def test_failing_mail_server_leaves_the_older_link_alive(people, customer, mailoutbox, monkeypatch):
    written()
    customer.post(ASK, {"email": CARLA})
    first = letter(mailoutbox)
    customer.post(ASK, {"email": CARLA})

    def refuse(*args, **kwargs):
        raise OSError("mail server away")

    monkeypatch.setattr("helpdesk.customer_letters.post", refuse)
    outbox.relay(letters.send)
    assert customer.get(first).status_code == 200


def test_secrets_are_kept_as_hashes_only(people, customer, mailoutbox):
    written()
    customer.post(ASK, {"email": CARLA})
    link = letter(mailoutbox)
    customer.post(link)
    secret, word = link.split("/")[3], customer.cookies[settings.CUSTOMER_COOKIE_NAME].value
    rows = str([list(model.objects.values()) for model in (SignInLink, CustomerSession, OutboxMessage)])
    assert secret not in rows and word not in rows


def test_link_says_so_when_another_browser_asked_for_it(people, customer, mailoutbox):
    written()
    customer.post(ASK, {"email": CARLA})
    link = letter(mailoutbox)
    assert "another browser" not in customer.get(link).content.decode()
    assert "another browser" in Client().get(link).content.decode()


def test_at_most_five_letters_an_hour_go_to_one_address(people, mailoutbox):
    written()
    urls = set()
    for _ in range(8):
        urls.add(Client().post(ASK, {"email": CARLA}).url)
        outbox.relay(letters.send)
    assert len(mailoutbox) == sign_in.LINKS_AN_HOUR
    assert urls == {"/help/sign-in/sent/"}


def test_one_connection_cannot_try_addresses_without_end(people, customer, monkeypatch):
    monkeypatch.setattr("helpdesk.portal.limits.SIGN_INS", 2)
    answers = [customer.post(ASK, {"email": f"a{n}@example.org"}).status_code for n in range(3)]
    assert answers == [302, 302, 429]


def test_one_live_link_for_an_address_is_a_constraint(people):
    now = timezone.now()
    SignInLink.objects.create(email=CARLA, digest="a", expires_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        SignInLink.objects.create(email=CARLA, digest="b", expires_at=now)


@pytest.mark.django_db(transaction=True)
def test_link_pressed_many_times_at_once_signs_in_once(people, customer, mailoutbox):
    written()
    customer.post(ASK, {"email": CARLA})
    secret = letter(mailoutbox).split("/")[3]

    def press(_turn):
        try:
            return sign_in.enter(secret, now=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(bool(found) for found in pool.map(press, range(6))) == 1


def test_session_is_new_at_each_sign_in_and_dead_after_sign_out(people, customer, mailoutbox):
    written()
    name = settings.CUSTOMER_COOKIE_NAME
    customer.cookies[name] = "planted"
    word = enter(customer, mailoutbox).cookies[name].value
    assert word != "planted"
    assert customer.cookies[name]["httponly"] and customer.cookies[name]["samesite"] == "Lax"
    customer.post("/help/sign-out/")
    thief = Client()
    thief.cookies[name] = word
    assert thief.get(LIST).url == ASK


def test_customers_session_is_none_of_staff(people, customer, mailoutbox):
    written(customer_email="agent@example.com")
    enter(customer, mailoutbox, "agent@example.com")
    assert "/account/login/" in customer.get("/desk/").url
    staff = Client()
    staff.force_login(people.agent)
    assert staff.get(LIST).url == ASK


def test_list_and_numbers_show_own_requests_only(people, customer, mailoutbox):
    mine, other = written(), written(customer_email="other@example.org", subject="Secret wedding ring")
    assert customer.get(f"{LIST}{mine.pk}/").status_code == customer.get(f"{LIST}99999/").status_code == 404
    enter(customer, mailoutbox)
    assert other.subject not in customer.get(LIST).content.decode()
    assert customer.get(f"{LIST}{mine.pk}/").status_code == 200
    for path in ("", "received/"):
        assert customer.get(f"{LIST}{other.pk}/{path}").status_code == 404
    for path in ("reply/", "solved/", "rate/"):
        assert customer.post(f"{LIST}{other.pk}/{path}", {"body": "x", "score": 1}).status_code == 404
    assert other.messages.count() == 1


def test_list_speaks_plain_words_with_open_ones_first(people, customer, mailoutbox, django_assert_max_num_queries):
    answered, seen = written(subject="Answered one"), written(subject="Seen one")
    waits = written(subject="Waiting one")
    on_floor(3, people, now=timezone.now(), subject="High one")
    moves.resolve(answered.pk, actor=people.agent, summary="Sent again.")
    conversation.reply(seen.pk, actor=people.agent, body="We look.")
    waiting.wait(waits.pk, actor=people.agent, reason="CANARY reason")
    conversation.note(seen.pk, actor=people.agent, body="CANARY note")
    OutboxMessage.objects.all().delete()
    enter(customer, mailoutbox)
    with django_assert_max_num_queries(4):
        text = customer.get(LIST).content.decode()
    for words in ("Answered", "Being looked at", "Waiting for you", "With a specialist"):
        assert words in text
    assert text.index("Answered one") > max(text.index(name) for name in ("Seen one", "Waiting one", "High one"))
    assert not re.search(r"CANARY|[Ff]loor|legal|agent", text)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        *[(words, True) for words in ("ring", "1182", "#{}", "Friday", "\x00")],
        *[(words, False) for words in ("CANARY", "x" * 500, "%", "9" * 60)],
    ],
)
def test_search_looks_through_own_public_words(people, customer, mailoutbox, wanted, found):
    ticket = written(subject="A ring", order={"reference": "1182"})
    conversation.note(ticket.pk, actor=people.agent, body="CANARY")
    written(subject="A ring of somebody else", customer_email="other@example.org")
    enter(customer, mailoutbox)
    text = customer.get(LIST, {"q": wanted.format(ticket.pk)}).content.decode()
    assert (f"#{ticket.pk}" in text.partition("<main")[2]) is found or "None of your requests" in text
    assert ("None of your requests" in text) is not found
    assert "somebody else" not in text


def test_long_list_has_pages(people, customer, mailoutbox):
    for n in range(PAGE + 1):
        written(subject=f"Request {n}")
    enter(customer, mailoutbox)
    assert customer.get(LIST).content.decode().count('class="badge') == PAGE
    assert customer.get(LIST, {"page": "2"}).content.decode().count('class="badge') == 1
    assert customer.get(LIST, {"page": "x"}).status_code == 200


def test_language_is_that_of_the_account_then_of_the_cookie_then_of_the_browser(people, customer, mailoutbox):
    written(customer_language="it")
    english = {"accept-language": "en"}
    assert 'lang="pt"' in customer.get("/help/", headers={"accept-language": "pt"}).content.decode()
    assert customer.post("/help/language/", {"language": "pt", "next": "/help/"}).url == "/help/"
    names = customer.get("/help/").content.decode()
    assert all(f">{name}</button>" in names for name in ("English", "Italiano", "Português"))
    assert '<html lang="pt"' in customer.get("/help/", headers=english).content.decode()
    enter(customer, mailoutbox)
    assert '<html lang="it"' in customer.get("/help/", headers=english).content.decode()
    customer.post("/help/language/", {"language": "pt", "next": "//evil.example"})
    assert Customer.objects.get().language == "pt"
    assert '<html lang="pt"' in customer.get("/help/", headers=english).content.decode()
    customer.post("/help/language/", {"language": "xx"})
    assert Customer.objects.get().language == "pt"


def test_old_links_and_sessions_are_forgotten(people, customer, mailoutbox):
    written()
    enter(customer, mailoutbox)
    SignInLink.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    CustomerSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert customer.get(LIST).url == ASK
    assert tasks.forget_old_rows() == 2


def test_guessing_links_is_stopped_whatever_address_is_claimed(people, customer, mailoutbox, monkeypatch):
    written()
    monkeypatch.setattr("helpdesk.portal.limits.DEAD_LINKS", 10)
    customer.post(ASK, {"email": CARLA})
    real = letter(mailoutbox)
    guess = f"/help/sign-in/{'x' * 43}/"
    answers = [Client().post(guess, headers={"x-forwarded-for": f"192.0.2.{n}"}).status_code for n in range(12)]
    assert answers == [404] * 10 + [429] * 2
    assert customer.post(real).status_code == 429 and not CustomerSession.objects.exists()
