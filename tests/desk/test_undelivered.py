"""What could not be delivered: who sees it, who has it sent again, and what is never told by it."""

import pytest
from django.utils import timezone

from escalation import assignment, outbox
from escalation.models import OutboxMessage
from helpdesk import letters, undelivered
from helpdesk.models import Delivery
from helpdesk.notifications import inbox
from tests.builders import CAST, minutes, on_floor, open_ticket

READERS = {"supervisor", "supervisor2", "admin"}


@pytest.fixture
def given_up(people, mailoutbox):
    """Two customers' letters, one of them about a case on Floor 3, and one e-mail to staff, all given up."""
    plain, secret = open_ticket(now=None), on_floor(3, people, now=None)
    assignment.assign(plain.pk, actor=people.agent, assignee=people.specialist)
    outbox.relay(letters.send)
    OutboxMessage.objects.filter(topic="received").update(
        sent_at=None, parked_at=timezone.now(), attempts=8, last_error="OSError: mail server away"
    )
    Delivery.objects.filter(notification__topic="floor_3", recipient=people.legal).update(
        parked_at=timezone.now(), attempts=8, last_error="OSError: mail server away"
    )
    mailoutbox.clear()
    return plain, secret


@pytest.mark.parametrize("name", CAST)
def test_supervisors_and_administrators_read_it_and_nobody_else(people, visit, given_up, name):
    client = visit(getattr(people, name))
    plain, secret = given_up
    status = 200 if name in READERS else 403
    answer = client.get("/desk/undelivered/")
    assert answer.status_code == status
    page = answer.content.decode()
    assert (f"#{plain.pk}" in page) == (name in READERS)
    # Floor 3 is known to the supervisor who sent it there; the others learn how many there are.
    assert (f"#{secret.pk}<" in page) == (name == "supervisor")
    assert ("2 more are about tickets that are out of your sight" in page) == (name in READERS - {"supervisor"})
    assert ('href="/desk/undelivered/"' in client.get("/desk/").content.decode()) == (name in READERS)
    for address in ("again/", "withdraw/"):
        fields = {"topic": "received", "row": "outbox-1", "reason": "of no use"}
        assert client.post(f"/desk/undelivered/{address}", fields).status_code in (
            (302, 404) if status == 200 else (403,)
        )


def test_one_is_sent_again_and_arrives(people, visit, given_up, mailoutbox):
    plain, _secret = given_up
    row = OutboxMessage.objects.get(ticket=plain, topic="received")
    visit(people.admin).post("/desk/undelivered/again/", {"row": f"outbox-{row.pk}"})
    row.refresh_from_db()
    assert (row.parked_at, row.attempts) == (None, 0)
    letters.relay()
    assert any(f"[#{plain.pk}] We have received" in mail.subject for mail in mailoutbox)


def test_a_whole_topic_is_sent_again_as_far_as_it_is_in_sight(people, visit, given_up):
    visit(people.admin).post("/desk/undelivered/again/", {"topic": "received"})
    assert OutboxMessage.objects.filter(parked_at__isnull=False).count() == 1
    assert undelivered.count(people.admin) == 0 and undelivered.count_hidden(people.admin) == 2
    visit(people.admin).post("/desk/undelivered/again/", {"hidden": "yes"})
    assert undelivered.total() == 0


def test_a_row_out_of_sight_cannot_be_named(people, visit, given_up):
    row = Delivery.objects.get(recipient=people.legal, notification__topic="floor_3")
    for address in ("again/", "withdraw/"):
        fields = {"row": f"delivery-{row.pk}", "reason": "of no use"}
        assert visit(people.admin).post(f"/desk/undelivered/{address}", fields).status_code == 404
    for row in ("outbox-x", "nothing-1", "outbox-99999999999999999999", ""):
        assert visit(people.admin).post("/desk/undelivered/again/", {"row": row}).status_code in (400, 404)


def test_what_is_withdrawn_stays_listed_with_the_reason_and_is_never_sent(people, visit, given_up, mailoutbox):
    plain, _secret = given_up
    row = OutboxMessage.objects.get(ticket=plain, topic="received")
    client = visit(people.supervisor)
    page = client.post("/desk/undelivered/withdraw/", {"row": f"outbox-{row.pk}", "reason": "x"}, follow=True)
    assert "at least 5 characters" in page.content.decode()
    client.post("/desk/undelivered/withdraw/", {"row": f"outbox-{row.pk}", "reason": "the customer was phoned"})
    assert f"#{plain.pk}<" not in client.get("/desk/undelivered/").content.decode()
    assert "Supervisor: the customer was phoned" in client.get("/desk/undelivered/?withdrawn").content.decode()
    client.post("/desk/undelivered/again/", {"topic": "received"})
    letters.relay()
    assert not any(f"[#{plain.pk}] We have received" in mail.subject for mail in mailoutbox)


def test_caretakers_hear_of_it_once_an_hour_and_nothing_goes_round_in_circles(people, given_up, mailoutbox):
    now = timezone.now()
    for _turn in range(3):
        assert undelivered.tell(now)
    letters.relay()
    for person in (people.supervisor, people.admin):
        assert inbox.listed(person).filter(topic="undelivered").count() == 1
    assert not any("could not be delivered" in mail.subject for mail in mailoutbox)
    assert not undelivered.tell(now + minutes(120))


def test_the_clock_page_and_the_watchdog_count_it(people, visit, client, given_up):
    assert "2 letters or chat messages" not in visit(people.agent).get("/desk/clocks/").content.decode()
    assert "1 letter or chat message could not" in visit(people.admin).get("/desk/clocks/").content.decode()
    assert client.get("/readyz").json()["checks"]["outbox"] == "ok, 3 messages given up"


def test_the_list_costs_few_queries(people, visit, given_up, django_assert_max_num_queries):
    client = visit(people.supervisor)
    client.get("/desk/undelivered/")
    with django_assert_max_num_queries(16):
        client.get("/desk/undelivered/")
