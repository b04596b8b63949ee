"""How staff sign in, and who does not."""

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains

from tickets.models import User

PASSWORD = "a long enough passphrase"


@pytest.fixture
def marta(people) -> User:
    people.agent.set_password(PASSWORD)
    people.agent.save()
    return people.agent


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": email, "password": password} | extra)


def test_staff_sign_in_by_address_in_any_case_and_go_to_the_page_they_wanted(marta, client):
    answer = sign_in(client, marta.email.upper(), next="/desk/approvals/")
    assert (answer.status_code, answer.url) == (302, "/desk/approvals/")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_never_leads_to_another_site(marta, client, target):
    assert "evil" not in sign_in(client, marta.email, next=target).url


def test_wrong_password_and_unknown_address_get_the_same_sentence(marta, client):
    wrong = sign_in(client, marta.email, "not this passphrase").context["form"].errors
    cache.clear()
    unknown = sign_in(client, "nobody@example.com", "not this passphrase").context["form"].errors
    assert wrong == unknown


def test_pages_warn_two_minutes_before_a_sign_in_ends_and_lead_to_where_it_is_renewed(marta, client, settings):
    sign_in(client, marta.email)
    page = client.get("/desk/?view=mine").content.decode()
    ends = int(re.search(r'data-ends="(\d+)"', page)[1])
    assert 0 < settings.SESSION_COOKIE_AGE - 120 - ends < 60
    assert 'data-renew="/account/reauthenticate/?next=%2Fdesk%2F%3Fview%3Dmine"' in page


def test_who_was_signed_out_at_a_ticket_hears_that_the_reply_is_kept_in_a_language_they_choose(client, db):
    page = client.get("/account/login/?next=/desk/tickets/4/")
    assertContains(page, "a reply that you were writing is kept")
    assertContains(page, 'name="language" value="it"')
    assert client.post("/help/language/", {"language": "it", "next": "/account/login/"}).url == "/account/login/"
    assertContains(client.get("/account/login/"), "Accedi")


def test_guessing_passwords_is_slowed_down(marta, client):
    for _ in range(12):
        sign_in(client, marta.email, "not this passphrase")
    answer = sign_in(client, marta.email)
    assert "_auth_user_id" not in client.session
    assert re.search(r"Try again at \d\d:\d\d, or reset", str(answer.context["form"].errors))


def test_account_that_is_switched_off_does_not_sign_in(marta, client):
    User.objects.filter(pk=marta.pk).update(is_active=False)
    sign_in(client, marta.email)
    assert client.get("/desk/").status_code == 302


@pytest.mark.parametrize("path", ["signup/", "email/", "confirm-email/", "password/set/", "social/connections/"])
def test_nobody_signs_up_or_changes_addresses(client, db, path):
    assert client.get(f"/account/{path}").status_code in (302, 404)
    assert client.post(f"/account/{path}").status_code in (302, 404)
    assert User.objects.count() == 0


def test_password_reset_mails_only_people_who_have_an_account(marta, client, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": "stranger@example.org"})
    assert not mailoutbox
    client.post(reverse("account_reset_password"), {"email": marta.email})
    assert [mail.to for mail in mailoutbox] == [[marta.email]]
    assert "/account/password/reset/key/" in mailoutbox[0].body


@pytest.mark.parametrize("path", ["/desk/", "/desk/preferences/", "/admin/", "/account/password/change/"])
def test_pages_of_staff_ask_strangers_to_sign_in(client, db, path):
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.url.startswith(("/account/login/", "/admin/login/"))


def test_start_page_sends_staff_to_the_desk_and_customers_to_the_help_centre(marta, client):
    assert client.get("/").url == reverse("portal:submit")
    client.force_login(marta)
    assert client.get("/").url == reverse("desk:queue")


def test_raw_admin_refuses_staff_without_the_mark(marta, client):
    client.force_login(marta)
    assert client.get("/admin/", follow=True).status_code == 403
