"""The symbols of all pages, in one static file that browsers keep: a page only names them, and stays small."""

import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.contrib.staticfiles.finders import BaseStorageFinder
from django.core.files.storage import FileSystemStorage
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from heroicons.templatetags.heroicons import heroicon_mini

FILE = "icons.svg"

OWN = settings.BASE_DIR / "helpdesk" / FILE
"""Those of states; each has a shape of its own, since colour alone says nothing to many."""

OF_PAGES = (
    "archive-box", "bolt", "book-open", "bookmark", "building-office", "calendar", "chart-bar", "check-badge",
    "check-circle", "clock", "cog-6-tooth", "exclamation-triangle", "eye", "hand-raised", "inbox", "inbox-arrow-down",
    "inbox-stack", "pause", "pencil-square", "scale", "user", "users", "wrench-screwdriver",
)  # fmt: skip
"""Those of the navigation, out of Heroicons."""


@cache
def use(name: str) -> SafeString:
    """Return what stands in an `<svg>` that shows the symbol NAME."""
    return format_html('<use href="{}#{}"/>', static(FILE), name)


class Finder(BaseStorageFinder):
    """Tells Django of the file with all symbols, ours and those of the package, as if it lay among the static files."""

    def __init__(self, *args, **options):
        self._folder = TemporaryDirectory(prefix="helpdesk-icons-")
        (Path(self._folder.name) / FILE).write_text(drawn())
        self.storage = FileSystemStorage(self._folder.name)
        super().__init__(*args, **options)


def drawn() -> str:
    """Return the file: one `<symbol>` for each name."""
    symbols = "".join(_symbol(name) for name in OF_PAGES)
    return OWN.read_text().replace("</svg>", f"{symbols}</svg>")


def _symbol(name: str) -> str:
    inner = re.search(r"<svg[^>]*>(.*)</svg>", heroicon_mini(name), re.DOTALL).group(1)
    return f'<symbol id="{name}" viewBox="0 0 20 20">{inner.strip()}</symbol>\n'
