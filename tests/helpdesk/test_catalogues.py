"""What customers read, and letters to staff, is whole in Italian and Portuguese; customers read no word of it."""

import ast
import gettext
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone, translation

from escalation import apologies, conversation, moves, sweep
from escalation.models import OutboxMessage
from helpdesk import letters
from helpdesk.management.commands.makemessages import TRANSLATED
from helpdesk.notifications import events
from tests.builders import T0, minutes, on_floor, open_ticket
from tickets.models import User

LANGUAGES = ("it", "pt")
STRING = r'"((?:[^"\\]|\\.)*)"'
INTERNAL = {
    "en": "floor escalat risk legal supervisor queue clock deadline compliance agent hold visit",
    "it": "piano escalation rischi legal supervisor coda orologio scadenza conformità agente sospes visita",
    "pt": "nível andar escala risco jurídic legal supervisor fila relógio prazo conformidade agente suspens visita",
}
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


def folder(language: str) -> Path:
    return settings.BASE_DIR / "locale" / language / "LC_MESSAGES"


def entries(language: str) -> dict[str, list[str]]:
    """Return the texts of a .po file by what they translate; each stands on one line."""
    found: dict[str, list[str]] = {}
    context = key = ""
    for line in (folder(language) / "django.po").read_text(encoding="utf-8").partition("\n\n")[2].splitlines():
        assert "fuzzy" not in line
        if match := re.fullmatch(rf"(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) {STRING}", line):
            word, text = match[1], ast.literal_eval(f'"{match[2]}"')
            if word == "msgctxt":
                context = f"{text}\x04"
            elif word == "msgid":
                key, context = context + text, ""
                found[key] = []
            elif word != "msgid_plural":
                found[key].append(text)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_with_the_same_places_to_fill(language):
    for key, texts in entries(language).items():
        assert texts and all(texts), key
        for text in texts:
            assert sorted(re.findall(r"%%?\(?\w*\)?s", text)) == sorted(re.findall(r"%%?\(?\w*\)?s", key)), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_is_the_one_that_is_written_down(language):
    with (folder(language) / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    found = {key[0] if isinstance(key, tuple) else key for key in compiled if key not in ("", ("", 0))}
    written = entries(language)
    assert found == set(written)
    for key, texts in written.items():
        assert [compiled.get(key)] == texts or [compiled[key, n] for n in range(len(texts))] == texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_the_sources_is_missing(language):
    known = {key.rpartition("\x04")[2].replace("%%", "%") for key in entries(language)}
    missing = []
    for start in TRANSLATED:
        place = settings.BASE_DIR / start
        for file in [place] if place.is_file() else sorted(place.rglob("*.*")):
            source = file.read_text(encoding="utf-8") if file.suffix in {".py", ".html"} else ""
            if file.suffix == ".py":
                calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
                named = [c for c in calls if getattr(c.func, "id", "") in {"_", "gettext", "ngettext"}]
                texts = [c.args[0].value for c in named if isinstance(c.args[0], ast.Constant)]
            else:
                texts = re.findall(rf"{{% translate {STRING}", source)
            missing += [(file.name, text) for text in texts if text.replace("%%", "%") not in known]
    assert missing == [], "run `make messages`, translate what is new in locale/, and run it again"


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
