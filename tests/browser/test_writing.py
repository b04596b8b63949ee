"""Writing together: what is sent can be taken back, what is typed is on the server, nobody answers past another."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from escalation import outgoing, sweep
from tests.browser.conftest import assert_accessible
from tests.builders import open_ticket
from tickets.models import Draft, User

pytestmark = pytest.mark.browser

SAVED = 4_000
"""Milliseconds within which typed words are surely on the server (they are saved after 1.5 s)."""


@pytest.fixture
def desk(open_browser, transactional_db, people):
    User.objects.update(undo_seconds=10)
    sweep.beat("hand", 0)
    return lambda name="agent", **how: open_browser(getattr(people, name), **how)


@pytest.fixture
def ticket(transactional_db, people):
    return open_ticket(now=timezone.now())


def test_taken_back_within_ten_seconds_it_reached_nobody_and_stands_in_the_composer_again(desk, ticket):
    page = desk()
    page.goto(f"/desk/tickets/{ticket.pk}/")
    page.fill("#body", "Too early")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#said")).to_contain_text("Your answer goes out at")
    expect(page.locator("#body")).to_have_value("")
    assert_accessible(page)
    page.fill("#body", "And one more thing")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#body")).to_have_value("Too early\n\nAnd one more thing")
    expect(page.locator("#body")).to_be_focused()
    expect(page.locator("#said")).not_to_contain_text("Your answer goes out at")
    assert ticket.messages.count() == 1
    page.keyboard.press("Control+Enter")
    expect(page.locator("#said")).to_contain_text("Your answer goes out at")
    Draft.objects.update(pressed_at=ticket.created_at, goes_at=ticket.created_at)
    assert outgoing.release_due() == 1
    expect(page.locator("#said .message-ours")).to_contain_text("Too early", timeout=9_000)
    expect(page.locator("#said")).not_to_contain_text("Your answer goes out at", timeout=15_000)


def test_without_scripts_an_answer_can_be_taken_back_too(desk, ticket):
    page = desk(scripts=False)
    page.goto(f"/desk/tickets/{ticket.pk}/")
    page.fill("#body", "Too early")
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#body")).to_have_value("Too early")
    assert ticket.messages.count() == 1


def test_a_reply_begun_here_is_found_on_another_machine(desk, ticket):
    page, other = desk(), desk()
    page.goto(f"/desk/tickets/{ticket.pk}/")
    page.locator("#body").press_sequentially("Half a sentence", delay=5)
    expect(page.locator("#saved")).to_contain_text("Saved", timeout=SAVED)
    page.locator("#body").press_sequentially(" and more", delay=5)
    page.close()  # before the next saving
    other.goto(f"/desk/tickets/{ticket.pk}/")
    expect(other.locator("#body")).to_have_value("Half a sentence and more")
    other.keyboard.press("r")
    other.keyboard.type(" words")
    expect(other.locator("#body")).to_have_value("Half a sentence and more words")
    other.fill("#body", "Half a sentence, ended there")
    expect(other.locator("#saved")).to_contain_text("Saved", timeout=SAVED)
    other.goto("/desk/")
    expect(other.locator("main")).to_contain_text("your draft")


def test_the_second_of_two_senders_sees_the_firsts_answer_before_anything_goes_out(desk, ticket):
    first, second = desk(), desk("agent2")
    second.expected.append("409")
    for page in (first, second):
        page.goto(f"/desk/tickets/{ticket.pk}/")
    first.fill("#body", "Mine first")
    second.fill("#body", "Mine second")
    first.get_by_role("button", name="Send", exact=True).click()
    expect(first.locator("#said")).to_contain_text("Your answer goes out at")
    second.get_by_role("button", name="Send", exact=True).click()
    expect(second.locator("#composer")).to_contain_text("Mine first")
    expect(second.locator("#body")).to_have_value("Mine second")
    assert ticket.messages.count() == 1


def test_two_at_one_ticket_see_each_other_and_who_writes(desk, ticket):
    first, second = desk(), desk("agent2")
    for page in (first, second):
        page.goto(f"/desk/tickets/{ticket.pk}/")
    expect(first.locator("#presence")).to_contain_text("Agent2 is here", timeout=10_000)
    expect(first.get_by_role("button", name="Take it")).to_be_hidden()
    first.locator("#body").press_sequentially("Good", delay=5)
    expect(second.locator("#presence")).to_contain_text("Agent is writing", timeout=10_000)
    first.get_by_role("button", name="Take it").click()
    expect(first.locator("#stand")).to_contain_text("Agent")
    expect(first.get_by_role("button", name="Take it")).to_have_count(0)
    expect(first.locator("#body")).to_have_value("Good")


def test_a_chosen_file_goes_up_while_typing_goes_on_and_a_refused_one_says_why(desk, ticket):
    page = desk()
    page.goto(f"/desk/tickets/{ticket.pk}/")
    page.fill("#body", "With a photo")
    page.set_input_files("#files", [{"name": "photo.png", "mimeType": "image/png", "buffer": b"png"}])
    expect(page.locator("#kept")).to_contain_text("photo.png")
    page.set_input_files("#files", [{"name": "void.png", "mimeType": "image/png", "buffer": b""}])
    expect(page.locator("#kept")).to_contain_text("void.png is empty")
    expect(page.locator("#body")).to_have_value("With a photo")
    assert_accessible(page)
    carry = "(more) => { const d = new DataTransfer(); d.items.add(new File(['x'], more[0])); if (more[1]) d.setData('text', more[1]); return d }"  # noqa: E501
    told = "([on, event]) => document.querySelector(on).dispatchEvent(event)"
    assert not page.evaluate(
        f"() => ({told})(['#said', new DragEvent('dragover', {{bubbles: true, cancelable: true}})])"
    )
    page.dispatch_event("#said", "drop", {"dataTransfer": page.evaluate_handle(carry, ["dragged.txt"])})
    expect(page.locator("#kept")).to_contain_text("dragged.txt")
    # Cells of a table come as words and as a picture: the browser pastes the words.
    cells = page.evaluate_handle(carry, ["cells.png", "a cell"])
    page.evaluate(
        f"([d]) => ({told})(['#body', new ClipboardEvent('paste', {{clipboardData: d, bubbles: true}})])", [cells]
    )
    expect(page.locator("#kept")).not_to_contain_text("cells.png")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#said")).to_contain_text("photo.png")
