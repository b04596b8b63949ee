"""Search finds what a person may see, in any of the languages, and tells nobody of the rest."""

import time
from datetime import timedelta

import pytest

from escalation import conversation, edits, holds, moves, waiting
from escalation.search import excerpt, find, operators, run
from tests.builders import T0, minutes, on_floor, open_ticket
from tickets import vocabulary
from tickets.models import Customer, Message, Passage, Word
from tickets.refusals import Invalid

pytestmark = pytest.mark.django_db

LATER = T0 + timedelta(days=90)
WHY = "a reason that is long enough"


@pytest.fixture(params=["read at once", "walked"])
def either_way(request, monkeypatch):
    """PostgreSQL holds every word for rare where there is little; a walk must find the same."""
    if request.param == "walked":
        monkeypatch.setattr(find.Finding, "_rare", False)


def found(user, text: str, kind: str = "tickets") -> list[int]:
    return [line.ticket or line.pk for line in run.begin(user, text, now=LATER).page(kind)]


@pytest.mark.parametrize(
    ("language", "body", "searches"),
    [
        ("it", "La città era bella, gli anelli sono arrivati rotti.", ["citta", "città", "anello", "arrivato", "rott"]),
        ("pt", "As encomendas não chegaram à avenida.", ["encomenda", "nao chegaram", "não"]),
        ("en", "The parcels were refused by the neighbours' café.", ["parcel", "refusing", "cafe", "neighbour"]),
        ("", "The packages were opened.", ["package", "open"]),
        ("ja", "小包 kommt nie 12345", ["12345", "kommt", "小包"]),
    ],
)
def test_a_word_is_found_by_its_stem_and_without_accents(people, language, body, searches):
    ticket = open_ticket(subject="Hello", body=body, language=language)
    for text in searches:
        assert found(people.agent, text) == [ticket.pk], text


def test_everything_known_of_a_ticket_finds_it(people, either_way):
    ticket = open_ticket(order={"reference": "CA-4012/7", "products": ["Aurelia necklace"]})
    open_ticket(customer_email="somebody@example.net", customer_name="Someone Else")
    for text in (
        "CA-4012/7",
        "ca 4012",
        "4012",
        "aurelia",
        "conti",
        "carla@example.org",
        f"{ticket.pk}",
        "Carla friday",
    ):
        assert found(people.agent, text) == [ticket.pk], text


def test_phrases_and_words_to_leave_out(people, either_way):
    right = open_ticket(body="The wrong size came.")
    other = open_ticket(body="The size is right, the colour is wrong.")
    assert set(found(people.agent, "wrong size")) == {right.pk, other.pk}
    assert found(people.agent, '"wrong size"') == [right.pk]
    assert found(people.agent, "size -colour") == [right.pk]
    conversation.customer_message(right.pk, body="And the colour too.", now=T0 + minutes(1))
    assert found(people.agent, "size -colour") == [], "said in any of its messages"


def test_a_phrase_is_looked_for_in_so_many_of_the_newest_passages_with_its_words(people, either_way, monkeypatch):
    said = open_ticket(body="The wrong size came.", now=T0)
    for n in range(3):
        open_ticket(body="The size is wrong.", now=T0 + minutes(n + 1))
    assert found(people.agent, '"wrong size"') == [said.pk]
    monkeypatch.setattr(find, "_LOOKED_AT", 3)
    search = run.begin(people.agent, '"wrong size"', now=LATER)
    assert search.page("tickets") == [] and search.finding.given_up
    assert str(search.counts["tickets"]) == "0+", "and says so"


def test_common_words_that_always_go_together_are_not_all_read(people, monkeypatch):
    for n in range(4):
        open_ticket(body="Still no amethyst.", now=T0 + minutes(n))

    def rare() -> bool:
        return run.begin(people.agent, '"no amethyst"', now=T0 + minutes(9)).finding._rare

    assert rare()
    monkeypatch.setattr(find, "_RARE", 4)
    assert not rare(), "too many ever"
    monkeypatch.setattr(find, "_RARE", 5)
    assert rare()
    monkeypatch.setattr(find, "MOST", 4)
    assert not rare(), "enough of them lately"


def test_operators_alone_are_answered_however_many_newer_tickets_do_not_fit(people, either_way, monkeypatch):
    first, second = (open_ticket(body=f"The {n} one.", now=T0 + minutes(n)) for n in range(2))
    for ticket in (second, first):
        moves.resolve(ticket.pk, actor=people.agent, summary="It is done", now=T0 + minutes(2))
    newer = [open_ticket(body="Another", now=T0 + minutes(n + 3)) for n in range(4)]
    monkeypatch.setattr(find, "_LOOKED_AT", 3)
    monkeypatch.setattr(find, "MOST", 3)
    for few in (find._FEW, 1):
        monkeypatch.setattr(find, "_FEW", few)
        search = run.begin(people.agent, "is:resolved", now=LATER)
        assert [line.ticket for line in search.page("tickets")] == [second.pk, first.pk], "the newest first"
        assert not search.finding.given_up
        assert {kind: str(count) for kind, count in search.counts.items() if count.number} == {"tickets": "2"}
        assert str(search.counts["messages"]) == "0", "no word is asked for"
        assert found(people.agent, "-is:resolved") == [ticket.pk for ticket in reversed(newer)]
        assert found(people.agent, "is:resolved -one") == []
    assert run.begin(people.agent, "is:open", now=T0 + minutes(4)).counts["tickets"].number == 2, "of that instant"
    conversation.note(first.pk, actor=people.agent, body="Said last", now=T0 + minutes(9))
    last = run.begin(people.agent, "is:resolved", now=LATER).page("tickets")[1]
    assert last.excerpt == [("Said last", False)] and last.note
    Passage.objects.all().delete()
    assert found(people.agent, "is:resolved") == [second.pk, first.pk], "before their words are known, too"
    monkeypatch.setattr(find, "COUNTED", 3)
    assert str(run.begin(people.agent, "is:open", now=LATER).counts["tickets"]) == "3+"


def test_only_the_newest_of_very_many_are_ranked_and_decisions_are_found_among_more(people, either_way, monkeypatch):
    from escalation import decisions

    decided = open_ticket(subject="Opal", now=T0)
    decisions.decide(
        decided.pk, actor=people.agent, problem="damage", remedy="apology", rationale="opal " + WHY, now=T0
    )
    newer = [open_ticket(subject="Opal", now=T0 + minutes(n + 1)) for n in range(3)]
    monkeypatch.setattr(find, "MOST", 3)
    search = run.begin(people.agent, "opal", now=LATER)
    assert [line.ticket for line in search.page("tickets")] == [ticket.pk for ticket in reversed(newer)]
    assert str(search.counts["tickets"]) == "3+" and not search.finding.given_up
    assert [line.ticket for line in search.page("decisions")] == [decided.pk]


def test_the_subject_weighs_more_than_the_text_and_the_new_more_than_the_old(people, either_way):
    old = open_ticket(subject="The bracelet", now=T0 - timedelta(days=30))
    said = open_ticket(body="I bought a bracelet.", now=T0)
    new = open_ticket(subject="My bracelet", now=T0)
    assert found(people.agent, "bracelet") == [new.pk, old.pk, said.pk]


def test_the_last_word_may_be_unfinished_at_once_and_after_it_was_learned(people):
    ticket = open_ticket(body="The necklace is too short.")
    assert found(people.agent, "neckl") == [ticket.pk]
    vocabulary.learn(seconds=5, now_too=True)
    assert Word.objects.get(word="necklace").seen == 1
    assert found(people.agent, "neckl") == [ticket.pk]
    assert found(people.agent, "neckl short") == [], "only the last one"


def test_what_was_meant_is_offered_if_it_finds_something_to_see(people):
    open_ticket(body="The necklace is too short.")
    secret = on_floor(3, people, body="The embezzlement of the accountant.")
    vocabulary.learn(seconds=5, now_too=True)
    assert run.meant(people.agent, "neclkace", now=LATER) == "necklace"
    assert run.meant(people.legal, "embezlement", now=LATER) == "embezzlement"
    assert run.meant(people.agent, "embezlement", now=LATER) == "", f"known from #{secret.pk} only"


def test_changes_are_found_and_what_is_gone_is_not(people):
    ticket = open_ticket(subject="Hello", body="First words")
    edits.edit(ticket.pk, actor=people.agent, changes={"subject": "Tourmaline"}, now=T0)
    assert found(people.agent, "tourmaline first") == [ticket.pk]
    assert found(people.agent, "hello") == []
    Customer.objects.filter(tickets=ticket).update(name="Berenice Bianchi")
    assert found(people.agent, "berenice tourmaline") == [ticket.pk]
    assert found(people.agent, "conti", "customers") == []
    message = Message.objects.get(ticket=ticket)
    Message.objects.filter(pk=message.pk).update(body="erased")
    assert found(people.agent, "first") == [] and found(people.agent, "erased") == [ticket.pk]
    message.delete()
    assert not Passage.objects.filter(kind="message", source=message.pk).exists()


def test_texts_older_than_the_search_follow_in_batches(people, monkeypatch):
    tickets = [open_ticket(body="An heirloom") for _ in range(3)]
    Passage.objects.all().delete()
    monkeypatch.setattr(vocabulary, "BATCH", 2)
    assert found(people.agent, "heirloom") == []
    vocabulary.catch_up(seconds=30)
    assert set(found(people.agent, "heirloom")) == {ticket.pk for ticket in tickets}
    assert found(people.agent, "carla", "customers") == [tickets[0].customer_id]
    assert vocabulary.catch_up(seconds=30) == 0


def test_words_that_nothing_has_any_more_are_forgotten(people):
    ticket = open_ticket(body="The ultramarine enamel")
    vocabulary.learn(seconds=5, now_too=True)
    Message.objects.filter(ticket=ticket).update(body="The enamel")
    vocabulary.forget(["ultramarine", "enamel", "'); DROP TABLE tickets_word; --"])
    assert set(Word.objects.filter(word__in=["ultramarine", "enamel"]).values_list("pk", flat=True)) == {"enamel"}


@pytest.mark.parametrize("kind", ["tickets", "messages", "customers", "decisions"])
def test_floor_3_is_in_no_hit_and_no_count_of_those_who_may_not_know(people, kind, either_way):
    from escalation import decisions

    secret = on_floor(
        3, people, subject="Zircon", body="Zircon affair", customer_name="Zircon", customer_email="z@e.org"
    )
    decisions.decide(
        secret.pk, actor=people.legal, problem="damage", remedy="apology", rationale="zircon " + WHY, now=T0
    )
    inside = {"risk", "legal", "executive", "supervisor"}
    for name, person in vars(people).items():
        for text in (
            "zircon",
            f"{secret.pk}",
            "zirc",
            '"zircon affair"',
            "floor:3",
            "zircon floor:3",
            "customer:z@e.org",
        ):
            search = run.begin(person, text, now=LATER)
            seen = any(line.ticket in (secret.pk, None) for line in search.page(kind))
            if name not in inside:
                assert not seen and search.counts[kind].number == 0, (name, text)
            elif text == "zircon":
                assert seen and search.counts[kind].number == 1, name


@pytest.mark.parametrize("named_one_by_one", [operators._NAMED_ONE_BY_ONE, 0])
def test_operators_narrow_and_a_minus_turns_them_round(people, either_way, monkeypatch, named_one_by_one):
    monkeypatch.setattr(operators, "_NAMED_ONE_BY_ONE", named_one_by_one)
    plain = open_ticket(subject="Parcel one", channel="phone")
    high = on_floor(2, people, subject="Parcel two")
    waits = open_ticket(subject="Parcel three")
    waiting.wait(waits.pk, actor=people.agent, now=T0)
    holds.place(plain.pk, actor=people.agent, reason=WHY, now=T0)
    everything = {plain.pk, high.pk, waits.pk}
    finds = {
        "floor:2": {high.pk},
        "-floor:2": {plain.pk, waits.pk},
        "is:waiting": {waits.pk},
        "status:open": {plain.pk, high.pk},
        "is:late": {plain.pk, high.pk},
        "-is:late": {waits.pk},
        "is:held": {plain.pk},
        "held:no": {high.pk, waits.pk},
        "channel:phone": {plain.pk},
        "team:specialists": {high.pk},
        "owner:none": {ticket for ticket in everything},
        "owner:me": set(),
        "customer:carla": everything,
        'customer:"Carla Conti"': everything,
        "customer:nobody@example.org": set(),
        "risk:legal": set(),
        "after:2026-11-15 before:2026-11-17": everything,
        "after:2026-11-16": set(),
        "-before:2026-11-17": set(),
        "is:unassigned -channel:phone floor:1": {waits.pk},
    }
    for text, expected in finds.items():
        assert set(found(people.agent, f"parcel {text}")) == expected, text
        assert set(found(people.agent, text)) == expected, text


@pytest.mark.parametrize(
    "text",
    ["florr:2", "floor:4", "floor: 2", "is:purple", "team:nobody", "before:yesterday", "owner:stanley", "risk:x",
     'tag:""', "ordering:queue__password", "status:open'; DROP TABLE tickets_ticket; --", "x" * 501, "a " * 30],
)  # fmt: skip
def test_what_is_not_understood_is_refused_in_a_sentence(people, text):
    with pytest.raises(Invalid) as refusal:
        run.begin(people.agent, text, now=LATER)
    assert refusal.value.field == "q" and len(refusal.value.detail) > 20


@pytest.mark.parametrize(
    "text",
    ["'; SELECT pg_sleep(5); --", "a' | 'b", "\\' & !b", "((((", "!!!", "& | ! <-> :*", "%s %(all)s {tickets}", "a*b:c",
     '"', "http://example.org/?a=b:c", "\x00", "é" * 500, "('" * 200, "a<b>c", " floor", "12:30", "-", "😀"],
)  # fmt: skip
def test_signs_are_only_signs(people, text):
    open_ticket()
    begun = time.monotonic()
    search = run.begin(people.agent, text, now=LATER)
    for kind in search.counts:
        search.page(kind)
    assert time.monotonic() - begun < 2


def test_hostile_lengths_are_read_in_no_time(people):
    begun = time.monotonic()
    for text in ("a" * 10_000, '"' * 10_000, "a:" * 5_000, "-" * 10_000, "( " * 5_000):
        with pytest.raises(Invalid):
            run.begin(people.agent, text, now=LATER)
    excerpt.cut("a" * 100_000 + " parcel", frozenset({"parcel"}))
    assert time.monotonic() - begun < 1


def test_pages_are_the_same_while_new_tickets_come(people, either_way):
    tickets = [open_ticket(subject=f"Opal {n}", now=T0 + minutes(n)) for n in range(5)]
    now = T0 + minutes(10)
    first = run.begin(people.agent, "opal", now=now)
    assert [line.ticket for line in first.page("tickets", size=3)] == [ticket.pk for ticket in reversed(tickets[2:])]
    open_ticket(subject="Opal", now=T0 + minutes(11))
    second = run.begin(people.agent, "opal", now=now)
    assert [line.ticket for line in second.page("tickets", 2, size=3)] == [tickets[1].pk, tickets[0].pk]
    assert not second.has_page("tickets", 3, size=3)


def test_a_search_takes_few_queries(people, django_assert_max_num_queries):
    for n in range(4):
        open_ticket(subject=f"Opal {n}", body="opal")
    with django_assert_max_num_queries(10):
        search = run.begin(people.agent, "opal is:open", now=LATER)
        search.page("tickets")
        assert search.counts["messages"].number == 4


def test_an_excerpt_shows_the_words_in_their_place():
    text = "The beginning is long. " * 20 + "Then the café's parcels came " + "and so on " * 40
    parts = excerpt.cut(text, frozenset({"parcel", "cafe"}))
    assert [piece for piece, marked in parts if marked] == ["café", "parcels"]
    assert parts[0][0] == "… " and parts[-1][0] == " …"
    assert len("".join(piece for piece, _marked in parts)) < 220
