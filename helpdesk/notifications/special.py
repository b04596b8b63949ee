"""Letters that say more than one sentence and a link."""

from collections.abc import Callable

from django.template.loader import render_to_string
from django.utils.translation import get_language

from helpdesk.desk.scorecard_cards import cards, summary
from helpdesk.models import Notification
from metrics import catalogue, fridays, scorecard


def _scorecard(said: Notification, page: str) -> tuple[str, str]:
    """The eight figures as a table, without pictures (P8)."""
    week = fridays.parse(said.facts["week"])
    sheet = scorecard.read(week, said.facts["edition"])
    eight = cards(sheet, scorecard.history(week, count=1), {})[: len(catalogue.EIGHT)]
    context = {"sheet": sheet, "cards": eight, "summary": summary(eight), "page": page, "language": get_language()}
    return tuple(render_to_string(f"letters/scorecard.{kind}", context).strip() for kind in ("txt", "html"))


LETTERS: dict[str, Callable[[Notification, str], tuple[str, str]]] = {"scorecard": _scorecard}
"""Topic to what writes its plain text and its HTML, given the notification and the address of its page."""
