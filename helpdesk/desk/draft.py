"""What stands in the composer: the words typed so far, and what the writer must know before they go out."""

import re
from dataclasses import dataclass, field

from django.http import HttpRequest

from helpdesk import once
from policies.tone import Finding
from tickets.models import Message

_FIELD = re.compile(r"\{[a-z_]{2,40}\}")


@dataclass
class Draft:
    """One state of the composer. `seen` is the newest message that was on the writer's screen."""

    kind: str = "reply"
    body: str = ""
    script: str = ""
    seen: int | None = None
    token: str = field(default_factory=once.new_token)
    error: str = ""
    newer: Message | None = None
    unfilled: list[str] = field(default_factory=list)
    findings: list[Finding] | None = None
    had_files: bool = False

    @property
    def is_note(self) -> bool:
        return self.kind == "note"

    @property
    def checked(self) -> bool:
        """Whether the writer asked to have the wording read."""
        return self.findings is not None

    @property
    def anyway(self) -> bool:
        """Whether sending the same again is what the writer was warned about."""
        return bool(self.newer or self.unfilled)


def read(request: HttpRequest) -> Draft:
    """Read the composer as it was sent."""
    seen = request.POST.get("seen", "")
    return Draft(
        kind="note" if request.POST.get("kind") == "note" else "reply",
        body=request.POST.get("body", ""),
        script=request.POST.get("script", "")[:60],
        seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else None,
        token=request.POST.get("token", ""),
        had_files=bool(request.FILES),
    )


def unfilled_fields(text: str) -> list[str]:
    """Return the placeholders of a script that nobody has filled in, as {order}."""
    return list(dict.fromkeys(_FIELD.findall(text)))
