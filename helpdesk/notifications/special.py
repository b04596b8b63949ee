"""Letters that say more than one sentence and a link."""

from collections.abc import Callable

from helpdesk.models import Notification

LETTERS: dict[str, Callable[[Notification, str], tuple[str, str]]] = {}
"""Topic to what writes its plain text and its HTML, given the notification and the address of its page."""
