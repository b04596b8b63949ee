"""A person's own settings, API tokens, sessions and second factor."""

import re
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from escalation import conversation, outbox
from helpdesk import letters
from tests.builders import CAST
from tickets import tokens
from tickets.clock import database_now
from tickets.models import ApiToken, User
from tickets.refusals import Conflict, NotFound

PASSWORD = "a long enough password"
SETTINGS = {
    "language": "it", "time_zone": "Europe/Lisbon", "theme": "dark", "density": "compact", "start_view": "mine",
    "signature": "Anna\r\nFirst line", "undo_seconds": 30, "after_sending": "next", "shortcuts": "on",
}  # fmt: skip


@pytest.fixture
def signed_in(people, client) -> Client:
    """The agent, who has just given their password."""
    User.objects.filter(pk=people.agent.pk).update(password=make_password(PASSWORD))
    client.post("/account/login/", {"login": "agent@example.com", "password": PASSWORD})
    return client


def test_each_setting_is_stored_and_shown(people, visit):
    client = visit(people.agent)
    assert client.post("/desk/me/", SETTINGS).url == "/desk/me/"
    agent = User.objects.get(pk=people.agent.pk)
    assert {name: getattr(agent, name) for name in SETTINGS} == SETTINGS | {
        "signature": "Anna\nFirst line", "shortcuts": True,
    }  # fmt: skip
    page = client.get("/desk/")
    assertContains(page, '<html lang="it" data-theme="dark" data-density="compact"')
    assert client.get("/").url == "/desk/?view=mine"


@pytest.mark.parametrize(
    "wrong",
    [{"language": "tlh"}, {"time_zone": "Mars/Olympus"}, {"theme": "pink"}, {"density": "x"}, {"start_view": "saved-7"},
     {"signature": "x" * 501}, {"time_zone": ""}, {"undo_seconds": "5"}],
)  # fmt: skip
def test_nonsense_is_refused(wrong, people, visit):
    assert visit(people.agent).post("/desk/me/", SETTINGS | wrong).status_code == 422
    assert User.objects.get(pk=people.agent.pk).language == "en-gb"


def test_nothing_else_of_the_account_can_be_set(people, visit):
    visit(people.agent).post("/desk/me/", SETTINGS | {"is_superuser": "on", "email": "x@example.com", "groups": "1"})
    agent = User.objects.get(pk=people.agent.pk)
    assert (agent.is_superuser, agent.email) == (False, "agent@example.com")


def test_every_role_has_the_page(people, visit):
    for name in CAST:
        assertContains(visit(getattr(people, name)).get("/desk/me/"), "Second factor")


def test_the_signature_stands_below_replies_in_letters(people, fresh):
    ticket = fresh()
    User.objects.filter(pk=people.agent.pk).update(signature="Anna Amato\nFirst line")
    conversation.reply(ticket.pk, actor=people.agent, body="It is on its way.")
    outbox.relay(letters.send, limit=10)
    (letter,) = [mail for mail in mail.outbox if "on its way" in mail.body]
    assert "It is on its way.\n\nAnna Amato\nFirst line\n\n--\n" in letter.body


def test_a_token_is_shown_once_and_withdrawn(signed_in):
    made = signed_in.post("/desk/me/tokens/", {"name": "Reports", "days": "30"})
    secret = re.search(r"hd_[\w-]{40,}", made.content.decode()).group(0)
    assertNotContains(signed_in.get("/desk/me/tokens/"), secret)
    token = ApiToken.objects.get()
    assert (token.name, token.may_sign) == ("Reports", False)
    assert timedelta(days=29) < token.expires_at - timezone.now() <= timedelta(days=30)
    bearer = {"Authorization": f"Bearer {secret}"}
    assert Client(headers=bearer).get("/api/v1/me/").status_code == 200
    signed_in.post(f"/desk/me/tokens/{token.pk}/withdraw/")
    assert Client(headers=bearer).get("/api/v1/me/").status_code == 401
    assertContains(signed_in.get("/desk/me/tokens/"), "withdrawn")
    assert signed_in.post("/desk/me/tokens/", {"name": ""}).status_code == 422


def test_a_token_needs_the_password_of_the_last_minutes(people, visit):
    User.objects.filter(pk=people.agent.pk).update(password=make_password(PASSWORD))
    people.agent.refresh_from_db()
    answer = visit(people.agent).post("/desk/me/tokens/", {"name": "Reports", "days": "30"})
    assert answer.status_code == 302 and "/account/reauthenticate/" in answer.url
    assert not ApiToken.objects.exists()


def test_nobody_withdraws_the_token_of_somebody_else_but_an_administrator(people):
    now = database_now()
    token, _secret = tokens.make(people.agent, name="Reports", days=None, may_sign=False, now=now)
    for name in set(CAST) - {"agent", "admin"}:
        with pytest.raises(NotFound):
            tokens.withdraw(token.pk, actor=getattr(people, name), now=now)
    tokens.withdraw(token.pk, actor=people.admin, now=now)
    assert not tokens.in_force(now).exists()


def test_twenty_tokens_are_enough(people):
    now = database_now()
    for n in range(tokens.MOST):
        tokens.make(people.agent, name=str(n), days=None, may_sign=False, now=now)
    with pytest.raises(Conflict):
        tokens.make(people.agent, name="one more", days=None, may_sign=False, now=now)


def test_other_sessions_are_ended(signed_in):
    other = Client()
    other.post("/account/login/", {"login": "agent@example.com", "password": PASSWORD})
    assertContains(signed_in.get("/account/sessions/"), "Sign out everywhere else")
    signed_in.post("/account/sessions/")
    assert "/account/login/" in other.get("/desk/").url
    assertContains(signed_in.get("/account/sessions/"), "nowhere else")


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def set_up(client) -> str:
    """Set up a second factor as a person does; return its secret."""
    page = client.get("/account/second-factor/set-up/", follow=True)
    secret = page.context["form"].secret
    done = client.post("/account/second-factor/set-up/", {"code": code_for(secret)})
    assert done.url == "/account/second-factor/codes/"
    return secret


def test_second_factor_from_setting_up_to_signing_in(signed_in):
    secret = set_up(signed_in)
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in kept, "it is unreadable in the database"
    codes = signed_in.get("/account/second-factor/codes/").context["unused_codes"]
    stranger = Client()
    answer = stranger.post("/account/login/", {"login": "agent@example.com", "password": PASSWORD})
    assert answer.url == "/account/second-factor/enter/"
    assert "/account/login/" in stranger.get("/desk/").url
    assertContains(stranger.get(answer.url), "authenticator app")
    assert stranger.post(answer.url, {"code": "000000"}).status_code == 200
    assert stranger.post(answer.url, {"code": codes[0]}).url == "/desk/"
    assert stranger.get("/desk/").status_code == 200
    assertContains(signed_in.get("/account/second-factor/"), "Take the second factor away")
    assert signed_in.post("/account/second-factor/take-away/").url == "/account/second-factor/"
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("name", ["agent", "supervisor", "risk", "legal", "executive", "admin"])
def test_who_signs_sets_up_a_second_factor_first_where_that_is_required(name, people, visit, settings):
    person = getattr(people, name)
    assert visit(person).get("/desk/").status_code == 200
    settings.REQUIRE_MFA = True
    answer = visit(person).get("/desk/")
    if name in {"agent", "supervisor"}:
        assert answer.status_code == 200
        return
    assert answer.url == "/account/second-factor/set-up/"
    inside = visit(person).get("/desk/", headers={"HX-Request": "true"})
    assert inside.headers["HX-Redirect"] == "/account/second-factor/set-up/"
    assert visit(person).get("/livez").status_code in {200, 302}


def test_a_required_second_factor_cannot_be_taken_away(people, client, settings):
    User.objects.filter(pk=people.risk.pk).update(password=make_password(PASSWORD))
    client.post("/account/login/", {"login": "risk@example.com", "password": PASSWORD})
    set_up(client)
    settings.REQUIRE_MFA = True
    assert client.get("/desk/").status_code == 200
    assertContains(client.get("/account/second-factor/take-away/"), "cannot be taken away")
    client.post("/account/second-factor/take-away/")
    assert Authenticator.objects.filter(type="totp").exists()
