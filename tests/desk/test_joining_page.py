"""The page on which tickets are merged, split and linked."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from escalation import linking, merging
from tests.builders import on_floor
from tickets.links import personal_token
from tickets.models import Ticket

WHY = "both are about the same parcel"


def page(ticket: Ticket) -> str:
    return f"/desk/tickets/{ticket.pk}/"


def test_what_merging_would_make_of_two_is_shown_before_it_is_done(people, visit, fresh, brought):
    one, other = fresh(subject="Second letter"), brought(2, subject="First letter")
    desk = visit(people.specialist)
    offered = desk.get(page(one) + "join/").content.decode()
    assert f"?into={other.pk}" in offered
    preview = desk.get(page(one) + f"join/?into={other.pk}").content.decode()
    assert f"Merge #{one.pk} into #{other.pk}" in preview and "Floor 2" in preview and "cannot be undone" in preview
    done = desk.post(page(one) + "join/merge/", {"into": other.pk, "reason": WHY})
    assert done.url == page(other)
    assert f"#{one.pk}" in desk.get(page(other)).content.decode()
    old = desk.get(page(one)).content.decode()
    assert f"It goes on in #{other.pk}" in old and '<form id="composer"' not in old and "hx-post" not in old


def test_refusal_keeps_the_words_and_shows_both_again(people, visit, fresh):
    one, other = fresh(), fresh(customer_email="somebody@example.org")
    answer = visit(people.agent).post(page(one) + "join/merge/", {"into": other.pk, "reason": WHY})
    assert answer.status_code == 403
    assert "A supervisor merges" in answer.content.decode() and WHY in answer.content.decode()


def test_number_out_of_sight_is_as_good_as_none(people, visit, fresh, brought):
    one, secret = fresh(), brought(3)
    desk = visit(people.agent)
    for number in (secret.pk, 10**9, "x", "9" * 30):
        assert "There is no ticket" in desk.get(page(one) + f"join/?into={number}").content.decode()
    assert desk.post(page(one) + "join/merge/", {"into": secret.pk, "reason": WHY}).status_code == 404
    assert desk.post(page(one) + "join/link/", {"other": secret.pk, "kind": "related"}).status_code == 404


def test_split_off_ticket_is_opened_and_both_lead_to_each_other(people, visit, fresh):
    one = fresh()
    desk = visit(people.agent)
    messages = list(one.messages.values_list("pk", flat=True))
    new = desk.post(page(one) + "join/split/", {"subject": "The ring", "messages": messages}).url
    assert "The ring" in desk.get(page(one)).content.decode()
    assert f'href="{page(one)}"' in desk.get(new).content.decode()


def test_link_is_made_and_removed(people, visit, fresh):
    one, other = fresh(), fresh()
    desk = visit(people.agent)
    desk.post(page(one) + "join/link/", {"other": other.pk, "kind": "duplicate"})
    made = linking.of(one.pk, people.agent).get()
    assert "is a duplicate of this" in desk.get(page(other) + "join/").content.decode()
    assert desk.post(page(other) + "join/unlink/", {"link": made.pk}).status_code == 302
    assert desk.post(page(other) + "join/unlink/", {"link": made.pk}).status_code == 404


def test_file_of_a_merged_ticket_is_reached_through_the_one_that_lives(people, visit, fresh):
    one, other = fresh(files=[SimpleUploadedFile("bill.txt", b"42")]), fresh()
    file = one.messages.get().attachments.get()
    merging.merge(one.pk, into=other.pk, actor=people.agent, reason=WHY)
    assert b"".join(visit(people.agent).get(f"{page(other)}files/{file.pk}/").streaming_content) == b"42"


def test_customers_old_link_leads_to_the_ticket_that_lives(people, client, fresh):
    one, other = fresh(subject="Second letter"), fresh(subject="First letter")
    merging.merge(one.pk, into=other.pk, actor=people.agent, reason=WHY)
    token = personal_token(one.pk)
    shown = client.get(reverse("portal:follow", args=[token])).content.decode()
    assert "First letter" in shown and "Second letter" not in shown
    client.post(reverse("portal:reply", args=[token]), {"body": "I am still here"})
    assert other.messages.filter(body="I am still here").exists()


def test_customers_link_from_another_address_shows_their_own_words_only(people, client, fresh):
    one, other = fresh(customer_email="work@example.org", body="from work"), fresh(body="from home")
    merging.merge(one.pk, into=other.pk, actor=people.supervisor, reason=WHY)
    shown = client.get(reverse("portal:follow", args=[personal_token(one.pk)])).content.decode()
    assert "from work" in shown and "from home" not in shown
    shown = client.get(reverse("portal:follow", args=[personal_token(other.pk)])).content.decode()
    assert "from home" in shown and "from work" not in shown


def test_merged_ticket_takes_no_rating_and_no_second_life(people, client, fresh):
    one, other = fresh(customer_email="work@example.org"), fresh()
    merging.merge(one.pk, into=other.pk, actor=people.supervisor, reason=WHY)
    token = personal_token(one.pk)
    assert client.post(reverse("portal:rate", args=[token]), {"score": 5}).status_code == 422
    client.post(reverse("portal:solved", args=[token]))
    assert not Ticket.objects.get(pk=other.pk).closed_at


def test_page_costs_few_queries(people, visit, django_assert_max_num_queries):
    ticket = on_floor(2, people, now=None)
    desk = visit(people.specialist)
    desk.get(page(ticket) + "join/")
    with django_assert_max_num_queries(14):
        desk.get(page(ticket) + "join/")
