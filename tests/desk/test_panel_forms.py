"""The forms of the floor panel are drawn once for all tickets: each page fills in its own words, and no other's."""

from html.parser import HTMLParser

from django.utils import timezone, translation

from escalation import assignment, holds
from helpdesk.desk import act_forms as forms
from tests.builders import on_floor
from tickets.models import Tag

ODD = '"><b> \'value="x" & checked'


def parts(html: str) -> list:
    """Return tags and texts of HTML, whatever the order of attributes."""
    found: list = []
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, attributes: found.append((tag, set(attributes) - {("value", "")}))
    reader.handle_data = lambda text: found.append(text.strip())
    reader.feed(html)
    return found


def test_a_blank_form_filled_in_is_what_the_form_itself_draws(people, fresh):
    """Also where a subject or a tag looks like markup."""
    tags = (("gold", "Gold"), ("x", ODD), ("x-ray", "checked"))
    for subject, ticked in (("Ring", ["gold"]), (ODD, ["x", "x-ray"]), ("", []), (r"\1 \g<0>", ["x"])):
        whole = forms.draw(forms.Label(initial={"subject": subject, "tags": ticked}, tags=tags))
        filled = forms.blank(forms.Label, tags=tags).saying("subject", subject).ticking(ticked)
        assert parts(filled.html) == parts(whole.html)


def test_who_has_the_ticket_is_chosen_already(people, visit):
    ticket = on_floor(2, people, now=timezone.now(), subject=ODD)
    client = visit(people.supervisor)
    for owner in (None, people.specialist, people.legal):
        assignment.assign(ticket.pk, actor=people.supervisor, assignee=owner)
        page = client.get(f"/desk/tickets/{ticket.pk}/").content.decode()
        form = page.partition('id="act-assign"')[2].partition("</details>")[0]
        chosen = f'<option value="{owner.pk if owner else ""}" selected>{owner or "Nobody"}</option>'
        assert chosen in form and form.count(" selected") == 1


def test_one_ticket_does_not_say_what_another_says(people, visit, fresh):
    Tag.objects.create(slug="gold", name="Gold")
    first, second = fresh(subject="First", tags=[Tag.objects.get(slug="gold")]), fresh(subject="Second")
    holds.place(first.pk, actor=people.agent, reason="Goods must come back first.")
    client = visit(people.agent)
    for _again in range(2):
        one, two = (client.get(f"/desk/tickets/{ticket.pk}/").content.decode() for ticket in (first, second))
        assert 'name="subject" value="First"' in one and 'value="Second"' not in one
        assert 'name="subject" value="Second"' in two and 'value="gold" checked' not in two
        assert one.count('value="gold" checked') == 1
        assert 'id="act-release"' in one and 'id="act-hold"' in two


def test_each_language_has_its_own(people, db):
    with translation.override("it"):
        italian = forms.blank(forms.Wait).html
    assert italian != forms.blank(forms.Wait).html and forms.blank(forms.Wait).first_field == "wait-words"
