"""People choose how and when they are told: quiet hours, digests, and a chat service that leads nowhere else."""

import json
import threading
from datetime import UTC, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from escalation import assignment, sweep
from helpdesk import letters
from helpdesk.models import Channel, Delivery, NotificationSettings
from helpdesk.notifications import chat, choices, events, times
from helpdesk.sealing import seal, unseal
from tests.builders import CAST, T0, minutes, on_floor, open_ticket
from tickets.models import User
from tickets.refusals import Invalid

ROME = ZoneInfo("Europe/Rome")
Rhythm = NotificationSettings.Rhythm
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"


def local(text: str, zone: ZoneInfo = ROME) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def wanting(**chosen) -> NotificationSettings:
    return NotificationSettings(**{"days_off": []} | chosen)


NIGHTS = {"quiet_from": time(20), "quiet_until": time(7)}


@pytest.mark.parametrize(
    ("chosen", "happens", "goes"),
    [
        ({}, "2026-11-17T03:00", "2026-11-17T03:00"),
        (NIGHTS, "2026-11-17T19:59", "2026-11-17T19:59"),
        (NIGHTS, "2026-11-17T20:00", "2026-11-18T07:00"),
        (NIGHTS, "2026-11-18T06:59", "2026-11-18T07:00"),
        (NIGHTS, "2026-11-18T07:00", "2026-11-18T07:00"),
        ({"quiet_from": time(12), "quiet_until": time(14)}, "2026-11-17T13:00", "2026-11-17T14:00"),
        # Friday night runs into a free weekend, which runs into Sunday's night.
        (NIGHTS | {"days_off": [5, 6]}, "2026-11-20T21:00", "2026-11-23T07:00"),
        ({"days_off": [0, 1, 2, 3, 4, 5]}, "2026-11-16T09:00", "2026-11-22T00:00"),
        # The clocks change: a wall-clock time that is skipped, and one that comes twice.
        ({"quiet_from": time(22), "quiet_until": time(2, 30)}, "2026-03-29T01:00", "2026-03-29T03:30"),
        ({"quiet_from": time(22), "quiet_until": time(2, 30)}, "2026-10-25T01:00", "2026-10-25T02:30"),
        (NIGHTS, "2026-03-28T23:00", "2026-03-29T07:00"),
        (NIGHTS, "2026-10-24T23:00", "2026-10-25T07:00"),
    ],
)
def test_what_comes_in_quiet_time_waits_until_it_ends(chosen, happens, goes):
    got = times.after_quiet(local(happens), wanting(**chosen), ROME)
    assert got == local(goes)


def test_every_wait_ends_and_outside_quiet_time():
    chosen = wanting(quiet_from=time(1, 30), quiet_until=time(2, 45), days_off=[0, 2, 4, 5, 6])
    for zone in (ROME, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")):
        for hours in range(0, 24 * 14, 3):
            for start in (datetime(2026, 3, 25, tzinfo=UTC), datetime(2026, 10, 20, tzinfo=UTC)):
                happens = start + timedelta(hours=hours)
                goes = times.after_quiet(happens, chosen, zone)
                assert happens <= goes <= happens + timedelta(days=8)
                assert times.after_quiet(goes, chosen, zone) == goes


@pytest.mark.parametrize(
    ("rhythm", "happens", "goes"),
    [
        (Rhythm.NOW, "2026-11-17T10:20", "2026-11-17T10:20"),
        (Rhythm.HOURLY, "2026-11-17T10:20", "2026-11-17T11:00"),
        (Rhythm.DAILY, "2026-11-17T07:59", "2026-11-17T08:00"),
        (Rhythm.DAILY, "2026-11-17T08:00", "2026-11-18T08:00"),
        (Rhythm.DAILY, "2026-10-24T09:00", "2026-10-25T08:00"),
    ],
)
def test_a_digest_goes_at_its_hour_in_the_readers_zone(rhythm, happens, goes):
    assert times.due(local(happens), rhythm=rhythm, chosen=wanting(), zone=ROME) == local(goes)


def test_a_digest_is_one_letter_and_an_alarm_waits_for_nothing(people, mailoutbox):
    for person in (people.legal, people.executive):
        choices.save(
            person,
            wanted={"floor_3": {"app", "mail"}, "alarm": {"mail"}},
            times=choices.Times(mail_rhythm=Rhythm.DAILY, quiet_from=time(0), quiet_until=time(23, 59)),
            now=timezone.now(),
        )
    for _turn in range(2):
        on_floor(3, people)
    letters.relay()
    assert not [mail for mail in mailoutbox if mail.to == ["legal@example.com"]]
    sweep.sweep(as_of=T0 + minutes(60))
    letters.relay()
    alarms = [mail for mail in mailoutbox if mail.to == ["legal@example.com"]]
    assert len(alarms) == 2 and all("late" in mail.subject for mail in alarms)
    # The day after: what waited goes as one letter.
    choices.save(people.legal, wanted={"floor_3": {"mail"}}, times=choices.Times(), now=timezone.now())
    NotificationSettings.objects.filter(user=people.legal).update(mail_rhythm=Rhythm.HOURLY)
    Delivery.objects.filter(Delivery.OPEN).update(created_at=T0, next_attempt_at=T0)
    mailoutbox.clear()
    letters.deliver()
    (digest,) = [mail for mail in mailoutbox if mail.to == ["legal@example.com"]]
    assert digest.subject == "2 notifications"


def test_what_waits_is_planned_anew_when_its_reader_chooses_otherwise(people, mailoutbox):
    choices.save(
        people.agent2,
        wanted={"assigned": {"mail"}},
        times=choices.Times(mail_rhythm=Rhythm.DAILY),
        now=timezone.now(),
    )
    ticket = open_ticket(now=None)
    assignment.assign(ticket.pk, actor=people.agent, assignee=people.agent2)
    letters.relay()
    assert Delivery.objects.get(recipient=people.agent2).next_attempt_at > timezone.now()
    choices.save(people.agent2, wanted={"assigned": {"mail"}}, times=choices.Times(), now=timezone.now())
    letters.relay()
    assert [mail.to for mail in mailoutbox if "given to you" in mail.subject] == [["agent2@example.com"]]
    assignment.assign(ticket.pk, actor=people.agent, assignee=None)
    assignment.assign(ticket.pk, actor=people.agent, assignee=people.agent2)
    letters.outbox.relay(letters.send)
    choices.save(people.agent2, wanted={}, times=choices.Times(), now=timezone.now())
    letters.deliver()
    assert "does not want" in Delivery.objects.order_by("-id").first().withdrawn


@pytest.mark.parametrize("name", CAST)
def test_usual_ways_follow_the_role_and_settings_show_what_concerns_it(people, client, name):
    person = getattr(people, name)
    lines = choices.concern(person)
    assert ("alarm" in lines) == (name in {"risk", "legal", "executive"})
    assert ("assigned" in lines) == (name not in {"executive", "manager", "policy", "admin", "stranger"})
    for slug in lines:
        assert Channel.APP in choices.ways(person, slug, choices.of(person))
    if "assigned" in lines:
        by_mail = Channel.MAIL in choices.ways(person, "assigned", choices.of(person))
        assert by_mail == (name not in {"agent", "agent2", "specialist", "specialist2"})
    client.force_login(person)
    page = client.get("/desk/notifications/settings/").content.decode()
    assert page.count('name="way"') == 3 * len(lines)


def test_choices_are_kept_as_they_differ_and_an_alarm_stays_at_the_desk(people, client):
    client.force_login(people.legal)
    concern = choices.concern(people.legal)
    usual = [f"{slug}:{way}" for slug, event in concern.items() for way in event.usual(people.legal)]
    fields = {"mail_rhythm": "hourly", "chat_rhythm": "now", "daily_at": "9", "quiet_from": "20:00", "days_off": ["5"]}
    answer = client.post("/desk/notifications/settings/", fields | {"way": usual})
    assert answer.status_code == 422 and "a beginning and an end" in answer.content.decode()
    ticked = [word for word in usual if not word.startswith(("alarm", "floor_3:mail"))]
    fields |= {"quiet_until": "07:00"}
    assert client.post("/desk/notifications/settings/", fields | {"way": ticked}).status_code == 302
    stored = NotificationSettings.objects.get(user=people.legal)
    assert stored.choices == {"floor_3": ["app"], "alarm": ["app"]}
    assert (stored.mail_rhythm, stored.quiet_from, stored.days_off) == ("hourly", time(20), [5])
    page = client.get("/desk/notifications/settings/").content.decode()
    assert 'value="20:00"' in page and 'value="alarm:app" aria-label' in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"way": ["nothing:mail"]},
        {"way": ["assigned:pigeon"]},
        {"mail_rhythm": "never"},
        {"daily_at": "24"},
        {"days_off": ["7"]},
        {"days_off": list("0123456")},
        {"quiet_from": "25:00", "quiet_until": "07:00"},
        {"quiet_from": "07:00", "quiet_until": "07:00"},
    ],
)
def test_nonsense_is_refused_in_words_and_nothing_is_stored(people, client, wrong):
    client.force_login(people.agent)
    fields = {"mail_rhythm": "now", "chat_rhythm": "now", "daily_at": "8"} | wrong
    answer = client.post("/desk/notifications/settings/", fields)
    assert answer.status_code == 422 and ("errorlist" in answer.content.decode())
    assert not NotificationSettings.objects.exists()


def test_the_database_refuses_quiet_hours_with_one_end_and_weeks_without_a_day(people):
    for wrong in ({"quiet_from": time(7)}, {"days_off": [0, 1, 2, 3, 4, 5, 6]}, {"days_off": [7]}, {"daily_at": 24}):
        with pytest.raises(IntegrityError), transaction.atomic():
            NotificationSettings.objects.create(user=people.agent, **wrong)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "syslog://localhost",
        "dbus://",
        "gnome://",
        "windows://",
        "macosx://",
        "json://localhost:6379/",
        "jsons://169.254.169.254/latest/meta-data",
        "xml://127.0.0.1/",
        "form://127.0.0.1/",
        "http://127.0.0.1/",
        "https://example.org/",
        "apprise://127.0.0.1/key",
        "mailto://user:pass@example.com",
        "mqtt://127.0.0.1/topic",
        "rsyslog://127.0.0.1",
        "ntfy://127.0.0.1/topic",
        "mmost://127.0.0.1/3ccdd113474722377935511fc85d3dd4",
        f"{SLACK}?template=file:///etc/passwd",
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ?template=/etc/passwd",
        f"{SLACK}/%3Ftemplate=x",
        f"{SLACK} json://127.0.0.1/",
        f"{SLACK},json://127.0.0.1/",
        f"{SLACK}\njson://127.0.0.1/",
        "slack://" + "a" * 500,
        "slack://",
        "nonsense",
    ],
)
def test_addresses_that_lead_into_the_house_are_refused(people, client, address):
    with pytest.raises(Invalid):
        chat.keep(people.agent, address)
    client.force_login(people.agent)
    assert client.post("/desk/notifications/settings/chat/", {"address": address, "save": "yes"}).status_code == 422
    assert not NotificationSettings.objects.filter(chat_sealed__gt="").exists()


@pytest.mark.parametrize("address", [SLACK, f"https://hooks.slack.com/services/{SLACK.removeprefix('slack://')}"])
def test_an_address_is_kept_sealed_and_never_shown_in_full(people, client, address):
    client.force_login(people.agent)
    client.post("/desk/notifications/settings/chat/", {"address": address, "save": "yes"})
    stored = NotificationSettings.objects.get(user=people.agent)
    assert unseal(stored.chat_sealed) == address and "slack" not in stored.chat_sealed
    page = client.get("/desk/notifications/settings/").content.decode()
    assert "slack://" in page and "TIiajkdnlazkcOXrIdevi7FQ" not in page
    client.post("/desk/notifications/settings/chat/", {"forget": "yes"})
    assert not chat.masked(choices.of(people.agent))


def test_a_change_of_key_is_said_and_an_earlier_key_still_opens(settings, people):
    chat.keep(people.agent, SLACK)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another-key-" * 8
    assert "enter it again" in chat.masked(choices.of(people.agent))
    with pytest.raises(chat.ChatFailed):
        chat.send(choices.of(people.agent), "x", "y")
    settings.SECRET_KEY_FALLBACKS = [old]
    assert chat.masked(choices.of(people.agent)).startswith("slack://")
    assert unseal(seal("secret")) == "secret"


@pytest.fixture
def service(settings):
    """Yield a chat service on this machine that an administrator has named: what it got, and what it answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(answer["status"])
            if answer["status"] == 302:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    got, answer = [], {"status": 200}
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.NOTIFY_HOSTS = [f"127.0.0.1:{server.server_port}"]
    yield f"json://127.0.0.1:{server.server_port}/", got, answer
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_test_message_says_what_became_of_it(people, client, service):
    address, got, answer = service
    client.force_login(people.agent)
    page = client.post("/desk/notifications/settings/chat/", {"test": "yes"}, follow=True).content.decode()
    assert "There is no address yet" in page
    page = client.post("/desk/notifications/settings/chat/", {"address": address, "test": "yes"}, follow=True)
    assert "has taken the test message" in page.content.decode() and got[0]["title"] == "A test from the helpdesk"
    for status in (500, 302):
        answer["status"] = status
        page = client.post("/desk/notifications/settings/chat/", {"test": "yes"}, follow=True).content.decode()
        assert "The test did not arrive" in page


def test_chat_reaches_whoever_wants_it_and_is_tried_again(people, service):
    address, got, answer = service
    chat.keep(people.legal, address)
    wanted = {slug: {"app", "chat"} for slug in choices.concern(people.legal)}
    choices.save(people.legal, wanted=wanted, times=choices.Times(), now=timezone.now())
    answer["status"] = 500
    ticket = on_floor(3, people, now=None)
    letters.relay()
    row = Delivery.objects.get(recipient=people.legal, channel=Channel.CHAT, notification__topic="floor_3")
    assert row.attempts == 1 and row.last_error and address not in row.last_error
    answer["status"] = 200
    got.clear()
    Delivery.objects.filter(Delivery.OPEN).update(next_attempt_at=timezone.now() - minutes(1))
    letters.relay()
    said = [message for message in got if "arrived on Floor 3" in message["title"]]
    assert len(said) == 1 and ticket.subject not in said[0]["title"] + said[0]["message"]


def test_a_service_that_is_no_longer_allowed_is_not_asked_any_more(people, service, settings):
    address, got, _answer = service
    chat.keep(people.agent, address)
    settings.NOTIFY_HOSTS = []
    with pytest.raises(Invalid):
        chat.send(choices.of(people.agent), "x", "y")
    assert got == []


def test_every_topic_has_an_event_and_words(people):
    assert {topic.event for topic in events.TOPICS.values()} <= set(events.EVENTS)
    assert User.objects.exists() and events.words("gone", {}) == "Something happened"
