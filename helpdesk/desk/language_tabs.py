"""Texts in several languages as tabs of one form: which are missing, which is wrong, and which is shown first.

The tabs are radio buttons, so they work without scripts, by keyboard, and the one last looked at is sent along.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.forms import BoundField, Form
from django.http import HttpRequest

from helpdesk.templatetags.ux import language_name
from policies.languages import LANGUAGES


@dataclass(frozen=True)
class Tab:
    """One language of a form: its fields, whether a text that others have lacks in it, whether one of it is wrong."""

    code: str
    fields: list[BoundField]
    is_missing: bool
    is_wrong: bool
    is_open: bool

    @property
    def name(self) -> str:
        return language_name(self.code)


class LanguageTabs(Form):
    """A form whose TEXTS are fields called text_code, one for each language."""

    texts: list[str] = []
    opened = ""
    """The language that is shown first; what is wrong is shown before it."""

    def open_at(self, request: HttpRequest) -> None:
        """Show first the language that REQUEST asks for, or in which it was sent."""
        self.opened = request.POST.get("language") or request.GET.get("language", "")

    def tabs(self) -> list[Tab]:
        """Return a tab for each language, or none where nothing is written by language."""
        if not self.texts:
            return []
        said = {code: {name for name in self.texts if self._field(name, code).value()} for code in LANGUAGES}
        wrong = [code for code in LANGUAGES if any(self._field(name, code).errors for name in self.texts)]
        opened = self.opened if self.opened in LANGUAGES else LANGUAGES[0]
        if wrong and opened not in wrong:
            opened = wrong[0]
        everything = set().union(*said.values())
        return [
            Tab(code, [self._field(name, code) for name in self.texts], said[code] < everything, code in wrong,
                code == opened)
            for code in LANGUAGES
        ]  # fmt: skip

    def before_tabs(self) -> list[BoundField]:
        return self._split()[0]

    def after_tabs(self) -> list[BoundField]:
        return self._split()[1]

    def _split(self) -> tuple[list[BoundField], list[BoundField]]:
        """Return what stands before the first text, and what stands after it."""
        texts = {f"{name}_{code}" for name in self.texts for code in LANGUAGES}
        shown = self.visible_fields()
        first = next((place for place, field in enumerate(shown) if field.name in texts), len(shown))
        return shown[:first], [field for field in shown[first:] if field.name not in texts]

    def _field(self, name: str, code: str) -> BoundField:
        return self[f"{name}_{code}"]


def missing(texts: list[Mapping[str, str]]) -> list[str]:
    """Return the languages in which something is not said that is said in another one."""
    said = [text for text in texts if any(text.values())]
    return [code for code in LANGUAGES if any(not text.get(code) for text in said)]
