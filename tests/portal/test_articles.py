"""The help centre: read and search without an account, in one's language; suggestions beside the form."""

import pytest

from policies.models import Look, Script, Vote
from tests.portal.conftest import words
from tickets.models import Ticket

pytestmark = pytest.mark.usefixtures("people")


def test_customers_read_what_is_public_and_nothing_else(customer):
    page = customer.get("/help/articles/").content.decode()
    assert "Find your ring size" in page and "Jewelry and luxury" not in page and "Item arrived damaged" not in page
    assert "<td>15.7 mm</td>" in customer.get("/help/articles/find-your-ring-size/").content.decode()
    for hidden in ("jewelry-and-luxury", "language-with-dignity", "order-status", "none"):
        assert customer.get(f"/help/articles/{hidden}/").status_code == 404
        assert customer.post(f"/help/articles/{hidden}/helpful/", {"helped": "yes"}).status_code == 404
    assert "/help/articles/jewelry" not in customer.get("/help/articles/?q=rhodium").content.decode()


def test_in_ones_own_language_or_said_to_be_in_another(customer):
    italian = {"headers": {"accept-language": "it"}}
    page = customer.get("/help/articles/your-data/", **italian).content.decode()
    assert '<h1 lang="it">I suoi dati da noi</h1>' in page
    Script.objects.create(
        slug="new", title="New", kind="article", is_public=True, texts={"en": "Hello <script>x</script>"}
    )
    page = customer.get("/help/articles/new/", **italian).content.decode()
    assert "English" in page and "<script>x" not in page and "&lt;script&gt;" in page


def test_a_browser_votes_once(customer):
    for helped in ("yes", "no", "maybe", "yes"):
        assert customer.post("/help/articles/your-data/helpful/", {"helped": helped}).url == "/help/articles/your-data/"
    assert [vote.helped for vote in Vote.objects.all()] == [True]
    assert customer.get("/help/articles/your-data/helpful/").status_code == 405


def test_the_form_looks_for_answers_without_scripts_and_keeps_what_was_typed(customer):
    form = words(token="a" * 22, look="yes", name="", subject="Where is my order")
    answer = customer.post("/help/", form)
    page = answer.content.decode()
    assert answer.status_code == 200 and "/help/articles/where-is-my-order/?from=" in page
    assert "my parcel should have come on Friday" in page and "errorlist" not in page and not Ticket.objects.exists()
    assert "a person answers" in customer.post("/help/", form | {"subject": "zzz", "body": "zzz"}).content.decode()
    assert "where-is-my-order" in Look.objects.get().shown


def test_live_suggestions_are_remembered_and_a_sent_form_is_no_deflection(customer):
    form = words(token="b" * 22)
    page = customer.post("/help/articles/suggest/", form).content.decode()
    assert "where-is-my-order" in page
    customer.get(f"/help/articles/where-is-my-order/?from={'b' * 22}")
    assert (Look.objects.get().opened, Look.objects.get().sent) == (["where-is-my-order"], False)
    assert customer.post("/help/", form).status_code == 302
    assert Look.objects.get().sent
    assert customer.post("/help/articles/suggest/", {"body": "\x00'\"\\" * 999}).status_code == 200
