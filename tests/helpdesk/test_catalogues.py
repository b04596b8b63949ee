"""Everything that people read is whole in Italian and Portuguese, and customers read no word of the house."""

import ast
import gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation.template import templatize

from escalation import apologies, conversation, moves, reasons, sweep
from escalation.models import OutboxMessage
from helpdesk import letters
from helpdesk.management.commands.makemessages import SOURCES
from helpdesk.notifications import events
from tests.builders import T0, minutes, on_floor, open_ticket
from tickets.models import User

LANGUAGES = ("it", "pt")
STRING = r'"((?:[^"\\]|\\.)*)"'
PLACE = re.compile(r"%%?\(\w+\)[sd]|%%?[sd]")
CALLS = {
    "gettext": (None, 0), "gettext_lazy": (None, 0), "gettext_noop": (None, 0),
    "ngettext": (None, 0), "ngettext_lazy": (None, 0),
    "pgettext": (0, 1), "pgettext_lazy": (0, 1), "npgettext": (0, 1), "npgettext_lazy": (0, 1),
}  # fmt: skip
"""Each function of gettext with the places of its context and its text."""

REFUSALS = {"Conflict", "Held", "Invalid", "NoRoom", "NotAllowed", "NotFound", "Stale"}
TERMINAL = ("escalation/import", "policies/book_files.py")
"""Refusals that only commands show."""

CUSTOMERS = ("escalation/conversation.py", "helpdesk/customer_letters.py", "helpdesk/portal/", "templates/portal/")
"""What nobody but customers reads."""

INTERNAL = {
    "en": "floor escalat risk legal supervisor queue clock deadline compliance agent hold visit",
    "it": "piano escalation rischi legal supervisor coda orologio scadenza conformità agente sospes visita",
    "pt": "nível andar escala risco jurídic legal supervisor fila relógio prazo conformidade agente suspens visita",
}
PLAIN = {"hold", "legal", "prazo"}
"""Words that customers read in their plain sense too: it holds in the store, a legal matter, a time for answers."""

OF_STAFF = {"Floor", "Time on this floor"}
"""What the page of answer times adds for staff."""

SAID = {
    "en": (
        "Good day",
        "We have received your request",
        "specialist",
        "longer than promised",
        "Your request is answered",
    ),
    "it": ("Buongiorno", "Abbiamo ricevuto", "specialista", "più tempo del promesso", "Abbiamo risposto"),
    "pt": ("Bom dia", "Recebemos o seu pedido", "especialista", "mais do que o prometido", "Respondemos"),
}


@dataclass
class Entry:
    """One message of a .po file: what it translates, its texts, and the files that say it."""

    text: str
    plural: str = ""
    texts: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def folder(language: str) -> Path:
    return settings.BASE_DIR / "locale" / language / "LC_MESSAGES"


def entries(language: str) -> dict[str, Entry]:
    """Return the messages of a .po file by context and text; each part stands on one line."""
    found: dict[str, Entry] = {}
    files, context, entry = [], "", None
    for line in (folder(language) / "django.po").read_text(encoding="utf-8").partition("\n\n")[2].splitlines():
        assert "fuzzy" not in line and not line.startswith("#~")
        if line.startswith("#:"):
            files += line[2:].split()
        elif match := re.fullmatch(rf"(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) {STRING}", line):
            word, text = match[1], ast.literal_eval(f'"{match[2]}"')
            if word == "msgctxt":
                context = f"{text}\x04"
            elif word == "msgid":
                entry = found[context + text] = Entry(text, files=files)
                files, context = [], ""
            elif word == "msgid_plural":
                entry.plural = text
            else:
                entry.texts.append(text)
    return found


def said() -> Iterator[tuple[str, str]]:
    """Yield every text of the sources with its file, keyed as the catalogues key it."""
    for start in SOURCES:
        for file in sorted((settings.BASE_DIR / start).rglob("*.*")):
            name = file.relative_to(settings.BASE_DIR).as_posix()
            if file.suffix == ".py":
                yield from ((key, name) for key in said_in_python(ast.parse(file.read_text(encoding="utf-8"))))
            elif start == "templates/":
                words = templatize(file.read_text(encoding="utf-8"), origin=name)
                calls = re.finditer(r"\b(_|(?:n|p|np)?gettext)\((.*?)\)(?=\s|$)", words)
                for call in calls:
                    parts = [ast.literal_eval(part) for part in LITERAL.findall(call[2])]
                    context, text = CALLS.get(call[1], (None, 0))
                    if parts:
                        yield ("" if context is None else f"{parts[context]}\x04") + parts[text], name


LITERAL = re.compile(r"""u?"(?:[^"\\]|\\.)*"|u?'(?:[^'\\]|\\.)*'""")


def said_in_python(tree: ast.Module) -> Iterator[str]:
    """Yield the texts that calls of gettext's functions name, whatever these are called here."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {one.asname or one.name: one.name for one in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (function := names.get(getattr(node.func, "id", ""))) in CALLS:
            parts = [argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant)]
            context, text = CALLS[function]
            if len(parts) > text:
                yield ("" if context is None else f"{parts[context]}\x04") + parts[text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_with_the_same_places_to_fill(language):
    for key, entry in entries(language).items():
        assert entry.texts and all(entry.texts), key
        assert len(entry.texts) == (2 if entry.plural else 1), key
        for text, source in zip(entry.texts, (entry.text, entry.plural), strict=False):
            # One of a thing may be said without its number.
            allowed = {frozenset(PLACE.findall(source))}
            allowed |= {frozenset(PLACE.findall(entry.plural))} if entry.plural else set()
            assert frozenset(PLACE.findall(text)) in allowed, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_is_the_one_that_is_written_down(language):
    with (folder(language) / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    found = {key[0] if isinstance(key, tuple) else key for key in compiled if key not in ("", ("", 0))}
    written = entries(language)
    assert found == set(written)
    for key, entry in written.items():
        texts = entry.texts
        assert [compiled.get(key)] == texts or [compiled[key, n] for n in range(len(texts))] == texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_has_the_texts_of_the_sources_and_no_others(language):
    known = {key.replace("%%", "%") for key in entries(language)}
    sources = {key.replace("%%", "%"): file for key, file in said()}
    missing = sorted((file, key) for key, file in sources.items() if key not in known)
    assert missing == [], "run `make messages`, translate what is new in locale/, and run it again"
    assert known - set(sources) == set(), "run `make messages`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_customers_read_no_word_of_the_house(language):
    for key, entry in entries(language).items():
        if key not in OF_STAFF and any(file.startswith(CUSTOMERS) for file in entry.files):
            for spoken, texts in (("en", [entry.text, entry.plural]), (language, entry.texts)):
                for word in set(INTERNAL[spoken].split()) - PLAIN:
                    assert not re.search(rf"\b{word}", " ".join(texts).lower()), (key, word)


def test_refusals_are_said_through_gettext():
    bare = []
    for start in SOURCES:
        for file in sorted((settings.BASE_DIR / start).rglob("*.py")):
            name = file.relative_to(settings.BASE_DIR).as_posix()
            if name.startswith(TERMINAL):
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSALS and node.args:
                    if isinstance(node.args[0], ast.JoinedStr | ast.Constant):
                        bare.append((name, node.lineno))
    assert bare == []


def test_reasons_on_record_are_english_and_shown_in_the_readers_language():
    kept = reasons.NOT_IN_TIME % {"floor": 2}
    with translation.override("it"):
        assert reasons.shown(kept) == "Non risolto in tempo al piano 2."
        assert reasons.shown("Il cliente è tornato.") == "Il cliente è tornato."
    assert reasons.shown(kept) == kept == "Not resolved on Floor 2 in time."


@pytest.mark.parametrize("language", ["en", "it", "pt", "pt-BR"])
def test_letters_speak_the_customers_language_and_never_of_the_house(people, mailoutbox, language):
    OutboxMessage.objects.all().delete()
    ticket = on_floor(3, people, language=language)
    late = open_ticket(language=language)
    apologies.tell_late(T0 + minutes(9))
    sweep.sweep(as_of=T0 + minutes(80))
    conversation.reply(ticket.pk, actor=people.legal, body="-")
    second = open_ticket(language=language)
    moves.resolve(second.pk, actor=people.agent, summary="Sent again.")
    letters.relay()
    received = [mail for mail in mailoutbox if mail.to == ["carla@example.org"]]
    text = "\n".join(f"{mail.subject}\n{mail.body}" for mail in received)
    main = language.split("-")[0]
    for words in SAID[main]:
        assert words in text
    plain = re.sub(r"https?://\S+", "", text).lower()
    for word in INTERNAL[main].split():
        assert not re.search(rf"\b{word}", plain), word
    assert OutboxMessage.objects.filter(ticket=late, topic="answer_late").count() == 1


def test_customer_without_a_language_that_we_have_is_written_to_in_the_houses_own(people, mailoutbox):
    for n, language in enumerate(("", "xx", "fr", "../it", "zz-ZZ")):
        open_ticket(language=language, customer_email=f"c{n}@example.org", now=None)
    letters.relay()
    assert len(mailoutbox) == 5
    assert all("We have received your request" in mail.subject for mail in mailoutbox)


def test_a_specialist_is_announced_once_however_often_the_case_moves(people, mailoutbox):
    ticket = on_floor(2, people, now=None)
    letters.relay()
    moves.send_down(ticket.pk, actor=people.specialist, floor=1, justification="triage can do this")
    moves.escalate(ticket.pk, actor=people.agent, justification="no, it cannot do this")
    moves.escalate(ticket.pk, actor=people.risk, justification="this is a legal question")
    letters.relay()
    assert len([mail for mail in mailoutbox if "A specialist has your request" in mail.subject]) == 1


def test_a_specialist_is_not_announced_when_the_case_came_back_before_the_letter_went_out(people, mailoutbox):
    ticket = on_floor(2, people, now=None)
    moves.send_down(ticket.pk, actor=people.specialist, floor=1, justification="triage can do this")
    letters.relay()
    assert not any("specialist" in mail.subject for mail in mailoutbox)
    moves.escalate(ticket.pk, actor=people.agent, justification="no, it cannot do this")
    letters.relay()
    assert len([mail for mail in mailoutbox if "A specialist has your request" in mail.subject]) == 1


@pytest.mark.parametrize("language,words", [("it", "Come possiamo aiutarla?"), ("pt", "Como podemos ajudar?")])
def test_the_portal_speaks_the_readers_language(people, client, language, words):
    page = client.get("/help/", headers={"accept-language": language}).content.decode()
    assert words in page and f'lang="{language}"' in page
    assert "How can we help" not in page and "Photos, receipts" not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("it", ("Un caso è arrivato al piano 3: ticket", "Di che cosa viene informato")),
        ("pt", ("Um caso chegou ao nível 3: ticket", "De que é informado")),
        ("xx", ("A case has arrived on Floor 3: ticket", "What you are told of")),
    ],
)
def test_letters_to_staff_speak_their_readers_language_whatever_the_customers_is(people, mailoutbox, language, words):
    User.objects.filter(pk=people.legal.pk).update(language=language)
    on_floor(3, people, now=None, language="pt")
    letters.relay()
    (mail,) = [mail for mail in mailoutbox if mail.to == ["legal@example.com"]]
    for sentence in words:
        assert sentence in mail.body
    others = [mail for mail in mailoutbox if mail.to == ["risk@example.com"]]
    assert "A case has arrived on Floor 3" in others[0].body


@pytest.mark.parametrize(("language", "words"), [("it", "Scade alle 10:15 CET al piano 1"), ("pt", "Termina às 10:15")])
def test_times_in_letters_to_staff_are_the_readers(language, words):
    facts = {"due": "2026-11-16T09:15:00+00:00", "floor": 1, "unsigned": False}
    with translation.override(language), timezone.override(ZoneInfo("Europe/Rome")):
        assert events.words("nearly_late", facts).startswith(words)
