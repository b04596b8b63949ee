"""The pages on which administrators keep the house: who may, what follows, what is on record."""

import re
from smtplib import SMTPSenderRefused

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from escalation import assignment, leaving, reasons, sweep
from escalation.models import AuditEvent
from tests.builders import CAST, on_floor, open_ticket
from tests.escalation.test_races import together
from tickets import duty, people, roles, tokens
from tickets.clock import database_now
from tickets.models import Category, Channel, Duty, HouseChange, Tag, Team, Ticket, User
from tickets.refusals import Conflict, NotAllowed

PAGES = ["", "people/new/", "teams/", "channels/", "categories/", "tags/", "tags/new/", "tokens/", "record/", "health/"]


@pytest.fixture
def admin(people, visit) -> Client:
    return visit(people.admin)


def last_change() -> HouseChange:
    return HouseChange.objects.first()


@pytest.mark.parametrize("page", PAGES)
def test_administrators_only(page, people, visit):
    got = {name: visit(getattr(people, name)).get(f"/desk/house/{page}").status_code for name in CAST}
    assert got == {name: 200 if name == "admin" else 403 for name in CAST}


def test_nobody_else_posts_either(people, visit):
    ways = [
        (f"people/{people.agent2.pk}/", {"name": "X", "wanted": ["admin"]}), ("people/new/", {"email": "a@b.example"}),
        (f"people/{people.agent2.pk}/do/", {"do": "off", "typed": "agent2@example.com"}), ("tags/new/", {"slug": "x"}),
        ("tags/vip/", {"do": "delete", "typed": "vip"}),
    ]  # fmt: skip
    for name in set(CAST) - {"admin"}:
        for way, fields in ways:
            assert visit(getattr(people, name)).post(f"/desk/house/{way}", fields).status_code == 403
    assert not HouseChange.objects.exists()


def test_invited_by_letter_and_signed_in_by_its_link(people, admin):
    fields = {"email": "New.One@Example.com", "name": "New One", "wanted": ["agent"], "teams": []}
    answer = admin.post("/desk/house/people/new/", fields)
    person = User.objects.get(email="new.one@example.com")
    assert answer.url == f"/desk/house/people/{person.pk}/"
    assert person.roles == {"agent"} and not person.has_usable_password()
    link = re.search(r"https?://[^/]+(/account/\S+)", mail.outbox[-1].body).group(1)
    assert mail.outbox[-1].to == ["new.one@example.com"]
    stranger = Client()
    form = stranger.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    stranger.post(address, {"password1": "a long enough secret", "password2": "a long enough secret"})
    signed_in = stranger.post("/account/login/", {"login": "new.one@example.com", "password": "a long enough secret"})
    assert signed_in.status_code == 302
    assert last_change().data == {"roles": ["agent"], "teams": []}
    assert admin.post("/desk/house/people/new/", fields).status_code == 409


def test_a_mail_server_that_refuses_is_told_with_the_link_to_hand_over(people, admin, settings):
    settings.EMAIL_BACKEND = "nowhere.Backend"
    fields = {"email": "new@example.com", "name": "New", "wanted": []}
    assertContains(admin.post("/desk/house/people/new/", fields, follow=True), "Hand over this link yourself")


def test_a_test_letter_says_honestly_what_became_of_it(people, admin, settings, tmp_path, monkeypatch):
    assertContains(admin.get("/desk/house/channels/"), "Send me a test letter")
    assertNotContains(admin.get("/desk/house/tags/"), "Send me a test letter")
    assertContains(admin.post("/desk/house/mail/", follow=True), "took a letter for admin@example.com")
    assert mail.outbox[-1].to == ["admin@example.com"]

    def refuse(_letter):
        raise SMTPSenderRefused(550, b"no <relay> for you", "helpdesk@example.com")

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", refuse)
        assertContains(admin.post("/desk/house/mail/", follow=True), "no &lt;relay&gt; for you")
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", str(tmp_path)
    assertContains(admin.get("/desk/house/channels/"), "reach nobody")
    assertContains(admin.post("/desk/house/mail/", follow=True), "only put aside here")
    assert admin.get("/desk/house/mail/").status_code == 405


def test_who_keeps_no_house_sends_no_test_letter(people, visit):
    for name in ("supervisor", "manager", "legal", "stranger"):
        assert visit(getattr(people, name)).post("/desk/house/mail/").status_code == 403
    assert not mail.outbox


def test_roles_change_on_record_and_say_what_they_allow(people, admin):
    page = f"/desk/house/people/{people.agent.pk}/"
    assertContains(admin.get(page), "Work on tickets of Floor 1")
    admin.post(page, {"name": "Anna", "wanted": ["agent", "legal"], "teams": [Team.objects.get(slug="risk-legal").pk]})
    changed = User.objects.get(pk=people.agent.pk)
    assert changed.roles == {"agent", "legal"}
    assert last_change().data["roles"] == [["agent"], ["agent", "legal"]]
    assertContains(admin.get(page), "See all tickets on Floor 3")
    count = HouseChange.objects.count()
    admin.post(page, {"name": "Anna", "wanted": ["agent", "legal"], "teams": [Team.objects.get(slug="risk-legal").pk]})
    assert HouseChange.objects.count() == count, "nothing changed, nothing recorded"


def test_nobody_gives_themselves_roles_or_switches_themselves_off(people, admin):
    page = f"/desk/house/people/{people.admin.pk}/"
    answer = admin.post(page, {"name": "Admin", "wanted": ["admin", "head_of_risk"]})
    assert answer.status_code == 403 and User.objects.get(pk=people.admin.pk).roles == {"admin"}
    admin.post(f"{page}do/", {"do": "off", "typed": "admin@example.com"})
    assert User.objects.get(pk=people.admin.pk).is_active


def test_the_last_administrator_stays(people):
    second = people_invite("second@example.com", actor=people.admin)
    leaving.switch_off(second, actor=people.admin, now=database_now())
    with pytest.raises(NotAllowed):
        people_change(people.admin, actor=people.admin, wanted=[])
    with pytest.raises(Conflict):
        people_change(
            people.admin, actor=fresh(people_invite("third@example.com", actor=people.admin), off=True), wanted=[]
        )


def people_invite(email, *, actor, wanted=(roles.ADMIN,)):
    return people.invite(email, name="Somebody", wanted=wanted, actor=actor)


def people_change(person, *, actor, wanted):
    return people.change(person, name=person.name, wanted=wanted, teams=[], actor=actor)


def fresh(person: User, *, off: bool = False) -> User:
    """Read the person anew; OFF switches the account off behind the back of who still acts."""
    found = User.objects.get(pk=person.pk)
    assert found.roles
    if off:
        User.objects.filter(pk=person.pk).update(is_active=False)
    return found


def test_switching_off_ends_everything_and_gives_tickets_back(people, admin):
    now = timezone.now()
    one, two = on_floor(2, people, now=now), on_floor(2, people, now=now)
    for ticket in (one, two):
        assignment.assign(ticket.pk, actor=people.specialist, assignee=people.specialist)
    duty.come_on(people.specialist, now=now)
    _row, secret = tokens.make(people.specialist, name="x", days=None, may_sign=False, now=now)
    desk = Client()
    desk.force_login(people.specialist)
    page = f"/desk/house/people/{people.specialist.pk}/"
    assertContains(admin.get(page), "gives 2 open tickets back")
    assertContains(admin.post(f"{page}do/", {"do": "off", "typed": "wrong"}, follow=True), "Type the address")
    assert desk.get("/desk/").status_code == 200
    said = admin.post(f"{page}do/", {"do": "off", "typed": "specialist@example.com"}, follow=True)
    assertContains(said, "2 tickets went back")
    assert "/account/login/" in desk.get("/desk/").url
    assert Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/me/").status_code == 401
    assert not Ticket.objects.filter(assignee=people.specialist).exists()
    assert not Duty.objects.get(user=people.specialist).on_duty
    event = AuditEvent.objects.filter(ticket=one).last()
    assert (event.action, event.person, event.reason) == ("assigned", people.admin, reasons.SWITCHED_OFF)
    admin.post(f"{page}do/", {"do": "on"})
    again = User.objects.get(pk=people.specialist.pk)
    assert again.is_active and again.left_on is None and again.roles == {"specialist"}
    assert [change.action for change in HouseChange.objects.all()[:2]] == ["switched_on", "switched_off"]


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_switch_each_other_off(people):
    second = people_invite("second@example.com", actor=people.admin)
    now = database_now()
    results = together(
        lambda: leaving.switch_off(second, actor=people.admin, now=now),
        lambda: leaving.switch_off(people.admin, actor=second, now=now),
    )
    assert sorted(map(str, results)) == ["0", "last_administrator"]


def test_names_are_made_changed_and_deleted(people, admin):
    admin.post("/desk/house/teams/new/", {
        "name": "Night shift", "slug": "night", "tell_after": "5 min", "idle_after": "5 min",
        "members": [people.agent.pk],
    })  # fmt: skip
    team = Team.objects.get(slug="night")
    assert list(team.members.all()) == [people.agent]
    admin.post("/desk/house/channels/new/", {"name": "Fax", "slug": "fax", "team": team.pk})
    assert Channel.objects.get(slug="fax").team == team
    admin.post("/desk/house/categories/damage/", {"name": "Damaged goods"})
    assert Category.objects.get(slug="damage").name == "Damaged goods"
    assert last_change().data == {"name": ["Damage", "Damaged goods"]}
    assertContains(
        admin.post("/desk/house/teams/night/", {"do": "delete", "typed": "night"}), "uses it", status_code=409
    )
    admin.post("/desk/house/channels/fax/", {"do": "delete", "typed": "fax"})
    admin.post("/desk/house/teams/night/", {"do": "delete", "typed": "wrong"})
    assert Team.objects.filter(slug="night").exists()
    admin.post("/desk/house/teams/night/", {"do": "delete", "typed": "night"})
    assert not Team.objects.filter(slug="night").exists()
    assert admin.post("/desk/house/tags/new/", {"name": "Again", "slug": "vip"}).status_code == 422
    for wrong in ("nonsense/", "nonsense/new/", "tags/nope/"):
        assert admin.get(f"/desk/house/{wrong}").status_code == 404


def test_tags_are_merged_everywhere(people, admin):
    vip, refund = Tag.objects.get(slug="vip"), Tag.objects.get(slug="refund")
    both, one = open_ticket(tags=[vip, refund]), open_ticket(tags=[vip])
    page = "/desk/house/tags/vip/"
    assertContains(admin.get(page), "2 tickets bear it")
    assertContains(admin.post(page, {"do": "delete", "typed": "vip"}), "merge it", status_code=409)
    assert admin.post(page, {"do": "merge", "into": "vip", "typed": "vip"}).status_code == 400
    admin.post(page, {"do": "merge", "into": "refund", "typed": "vip"})
    assert not Tag.objects.filter(slug="vip").exists()
    for ticket in (both, one):
        assert [tag.slug for tag in ticket.tags.all()] == ["refund"]
    assert last_change().data == {"into": "refund", "tickets": 2}


def test_tokens_of_everybody_are_listed_and_withdrawn(people, admin):
    token, _secret = tokens.make(people.agent, name="Reports", days=None, may_sign=True, now=database_now())
    assertContains(admin.get("/desk/house/tokens/"), "Reports")
    admin.post(f"/desk/house/tokens/{token.pk}/withdraw/")
    assertContains(admin.get("/desk/house/tokens/"), "No token opens anything")
    assert last_change().action == "token_withdrawn"


def test_the_record_is_searched_within_what_one_may_see(people, admin, brought, django_assert_max_num_queries):
    plain, secret = brought(1), brought(3)
    assignment.assign(plain.pk, actor=people.agent, assignee=people.agent)
    admin.get("/desk/")
    with django_assert_max_num_queries(10):
        page = admin.get("/desk/house/record/")
    assertContains(page, f"/desk/tickets/{plain.pk}/log/")
    assertNotContains(page, f"/desk/tickets/{secret.pk}/log/")
    query = {"person": "agent@example.com", "action": "assigned", "first": str(timezone.localdate())}
    assertContains(admin.get("/desk/house/record/", query), "assigned")
    assertContains(admin.get("/desk/house/record/", query | {"last": "2020-01-01"}), "Nothing fits")
    admin.post("/desk/house/categories/damage/", {"name": "Damaged goods"})
    assertContains(admin.get("/desk/house/record/", {"of": "house"}), "category damage")
    for wrong in ({"first": "soon"}, {"ticket": "x"}, {"action": "explode"}, {"before": "-1"}):
        assert admin.get("/desk/house/record/", wrong).status_code == 422


def test_the_record_of_the_house_cannot_be_edited(people):
    people_invite("new@example.com", actor=people.admin)
    for write in (lambda: HouseChange.objects.update(about="x"), lambda: HouseChange.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


def test_health_says_who_looked_at_the_clock_and_what_is_owed(people, admin):
    assertContains(admin.get("/desk/house/health/"), "Nobody has looked at it yet")
    sweep.beat("escalator", 3)
    page = admin.get("/desk/house/health/")
    assertContains(page, "s ago by escalator")
    assertContains(page, "helpdesk.relay_outbox")
    assertContains(page, "none given up")
