"""What stands in the composer: the words typed so far, and what the writer must know before they go out."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from escalation import macros
from escalation.models import Macro
from helpdesk import once
from helpdesk.templatetags.ux import clock_time
from policies.tone import Finding
from tickets.models import Draft, DraftFile, Message

if TYPE_CHECKING:
    from helpdesk.desk.suggestions import Suggested

_FIELD = re.compile(r"\{\w{2,60}\}")


@dataclass
class Writing:
    """One state of the composer.

    `seen` is the newest message that was on the writer's screen, `seen_press` when the newest answer of somebody else
    that they were shown on its way was sent off, `revision` the saved draft that they began with (0 for none),
    `goes_on` that words were put in and the cursor belongs behind them.
    """

    kind: str = "reply"
    body: str = ""
    script: str = ""
    seen: int | None = None
    seen_press: datetime | None = None
    revision: int = 0
    files: list[DraftFile] = field(default_factory=list)
    token: str = field(default_factory=once.new_token)
    error: str = ""
    newer: Message | Draft | None = None
    unfilled: list[str] = field(default_factory=list)
    findings: list[Finding] | None = None
    preview: bool = False
    lost_files: bool = False
    goes_on: bool = False
    macro: Macro | None = None
    suggested: "Suggested | None" = None
    saved_at: datetime | None = None

    @property
    def saved(self) -> str:
        """When the words were kept on the server, in words, or ''."""
        return _("Saved %(time)s") % {"time": clock_time(self.saved_at, timezone.now())} if self.saved_at else ""

    @property
    def is_note(self) -> bool:
        return self.kind == Draft.Kind.NOTE

    @property
    def checked(self) -> bool:
        """Whether the writer asked to have the wording read."""
        return self.findings is not None

    @property
    def macro_effects(self) -> list[str]:
        """What the macro that the writer looks at would do."""
        return macros.effects(self.macro) if self.macro else []

    @property
    def anyway(self) -> bool:
        """Whether sending the same again is what the writer was warned about."""
        return bool(self.newer or self.unfilled)

    def know(self, draft: Draft | None) -> None:
        """Take over what is kept on the server besides the words: files and revision."""
        self.revision = draft.revision if draft else 0
        self.files = list(draft.files.all()) if draft else []
        self.saved_at = draft.updated_at if draft else None


def read(request: HttpRequest) -> Writing:
    """Read the composer as it was sent."""
    return Writing(
        kind="note" if request.POST.get("kind") == "note" else "reply",
        body=request.POST.get("body", ""),
        script=request.POST.get("script", "")[:60],
        seen=whole_number(request.POST.get("seen", "")),
        seen_press=_moment(request.POST.get("seen_press", "")),
        token=request.POST.get("token", ""),
    )


def of_draft(draft: Draft | None, seen: int) -> Writing:
    """Return the composer for a page with what was kept of an earlier one."""
    writing = Writing(seen=seen)
    if draft:
        writing.kind, writing.body, writing.script = draft.kind, draft.body, draft.script
    writing.know(draft)
    return writing


def whole_number(word: str) -> int | None:
    """Return the number that a form carries, or None for anything that is no id."""
    return int(word) if word.isascii() and word.isdigit() and len(word) < 19 else None


def unfilled_fields(text: str) -> list[str]:
    """Return the placeholders of a script that nobody has filled in, as {order}."""
    return list(dict.fromkeys(_FIELD.findall(text)))


def _moment(word: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
