"""Tickets from another system: dates kept, nothing doubled, bad rows told and the rest in."""

import csv
import io
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from escalation import audit, import_map, importing, sweep
from escalation.models import Action, AuditEvent, Escalation, FloorVisit, OutboxMessage
from tickets.clock import database_now
from tickets.models import Category, Channel, Customer, Message, Tag, Ticket
from tickets.refusals import Invalid

COLUMNS = [
    "Date received",
    "Product",
    "Sub-product",
    "Issue",
    "Sub-issue",
    "Consumer complaint narrative",
    "Company public response",
    "Company",
    "State",
    "ZIP code",
    "Tags",
    "Consumer consent provided?",
    "Submitted via",
    "Date sent to company",
    "Company response to consumer",
    "Timely response?",
    "Consumer disputed?",
    "Complaint ID",
]


def row(key: str = "1", **cells) -> list[str]:
    """Return a record that goes in as history, unless CELLS say otherwise."""
    known = {
        "Date received": "2023-03-01",
        "Product": "Mortgage",
        "Issue": "Struggling to pay",
        "Consumer complaint narrative": "XXXX charged me twice on XX/XX/2023.",
        "Company": "A BANK, N.A.",
        "Submitted via": "Web",
        "Date sent to company": "2023-03-04",
        "Company response to consumer": "Closed with explanation",
        "Timely response?": "Yes",
        "Complaint ID": key,
    } | {name.replace("_", " "): value for name, value in cells.items()}
    return [known.get(column, "") for column in COLUMNS]


def live(key: str = "1", **cells) -> list[str]:
    return row(key, **({"Company response to consumer": "In progress"} | cells))


def written(*rows: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([COLUMNS, *rows])
    return out.getvalue()


def bring(*rows: list[str], text: str | None = None) -> tuple[importing.Summary, list]:
    faults = []
    stream = io.StringIO(text if text is not None else written(*rows), newline="")
    summary = importing.import_tickets(stream, import_map.load("cfpb"), on_fault=faults.append)
    return summary, faults


@pytest.fixture(autouse=True)
def _starter(people):
    pass


def test_history_keeps_its_dates_and_neither_climbs_nor_mails():
    bring(row("7"))
    ticket = Ticket.objects.get(source="cfpb", source_key="7")
    stand = Escalation.objects.get(pk=ticket.pk)
    stay = FloorVisit.objects.get(escalation_id=ticket.pk)
    assert f"{ticket.created_at:%Y-%m-%d} {stand.resolved_at:%Y-%m-%d}" == "2023-03-01 2023-03-04"
    assert (stand.state, stand.resolved_on_floor) == ("resolved", 1)
    assert (stay.entered_at, stay.left_at, stay.due_at) == (ticket.created_at, stand.resolved_at, None)
    assert sweep.sweep(as_of=database_now() + timedelta(days=9)) == 0
    assert not OutboxMessage.objects.exists()


def test_imported_ticket_has_one_event_that_names_its_origin_and_the_trail_verifies():
    bring(row("7"), live("8"))
    for key in ("7", "8"):
        event = AuditEvent.objects.get(ticket__source_key=key)
        assert (event.action, event.by, event.data["key"]) == (Action.IMPORTED, "system", key)
        assert event.data["facts"]["Company"] == "A BANK, N.A."
    assert list(audit.verify()) == []


def test_row_in_progress_opens_with_a_clock_that_runs_from_now():
    before = database_now()
    bring(live("8"))
    stay = FloorVisit.objects.get()
    assert stay.entered_at >= before and stay.due_at == stay.entered_at + timedelta(minutes=15)
    assert f"{Ticket.objects.get().created_at:%Y-%m-%d}" == "2023-03-01"
    assert sweep.sweep(as_of=stay.due_at) == 1
    assert Escalation.objects.get().state == "floor_2"


def test_triggers_read_a_row_in_progress_and_nobody_is_mailed_by_the_import():
    bring(live("8", **{"Consumer complaint narrative": "This is identity theft, I did not open it."}))
    assert Escalation.objects.get().state == "floor_3"
    assert not OutboxMessage.objects.exists()


def test_running_it_again_changes_nothing():
    first, _faults = bring(row("1"), live("2"))
    again, faults = bring(row("1"), live("2"))
    assert (first.history, first.live) == (1, 1)
    assert (again.history, again.live, again.unchanged) == (0, 0, 2) and not faults
    assert Ticket.objects.count() == AuditEvent.objects.count() == 2


def test_new_rows_of_a_longer_file_go_in_and_changed_ones_are_told_and_left_alone():
    bring(row("1"))
    summary, faults = bring(row("1", Issue="Something else"), row("2"))
    assert (summary.history, summary.changed) == (1, 1)
    assert faults[0].line == 2 and "differs" in faults[0].reason
    assert Ticket.objects.get(source_key="1").subject == "Struggling to pay"


def test_same_key_twice_in_one_file_goes_in_once():
    summary, faults = bring(row("1"), row("1"), row("1", Issue="Something else"))
    assert (summary.history, summary.unchanged, summary.changed) == (1, 1, 1)
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Date received": "yesterday"}, "not a date"),
        ({"Date received": "2199-01-01"}, "future"),
        ({"Date sent to company": "2023-02-01"}, "before it was created"),
        ({"Company response to consumer": "Gone"}, "live or resolved"),
        ({"Complaint ID": " "}, "required"),
        ({"Issue": ""}, "required"),
        ({"Issue": "x" * 251}, "too long"),
        ({"Consumer complaint narrative": "x" * 100_001}, "too long"),
    ],
)
def test_bad_row_is_told_with_line_and_reason_and_the_rest_goes_in(cells, reason):
    summary, faults = bring(row("1"), row("2", **cells), row("3"))
    assert [fault.line for fault in faults] == [3] and reason in faults[0].reason
    assert summary.history == 2 and summary.faults == 1


def test_quote_that_never_closes_costs_one_row_only():
    head, first, second, third, *_ = written(row("1"), row("2"), row("3")).split("\r\n")
    summary, faults = bring(text="\r\n".join([head, first, second.replace("Mortgage", '"Mortgage'), third, ""]))
    assert [fault.line for fault in faults] == [3] and "quotation mark" in faults[0].reason
    assert set(Ticket.objects.values_list("source_key", flat=True)) == {"1", "3"}


def test_too_many_and_too_few_cells_are_told():
    summary, faults = bring(row("1") + ["more"], row("2")[:-2], row("3"))
    assert [fault.line for fault in faults] == [2, 3] and summary.history == 1


def test_line_beyond_all_measure_is_skipped_and_told(monkeypatch):
    monkeypatch.setattr("escalation.import_rows.LONGEST_LINE", 600)
    summary, faults = bring(row("1"), row("2", **{"Consumer complaint narrative": "y" * 5000}), row("3"))
    assert [fault.line for fault in faults] == [3] and summary.history == 2


def test_odd_characters_and_line_breaks_survive_and_nul_does_not():
    words = 'He said "no".\nXXXX, è così \N{PILE OF POO}\x00 <b>bold</b>'
    _summary, faults = bring(text="\ufeff" + written(row("1", **{"Consumer complaint narrative": words})))
    assert not faults
    assert Message.objects.get().body == words.replace("\x00", "")


def test_missing_words_are_made_of_the_other_columns_and_it_says_so():
    summary, _faults = bring(row("1", **{"Consumer complaint narrative": ""}))
    body = Message.objects.get().body
    assert "not published" in body and "Issue: Struggling to pay" in body
    assert summary.without_words == 1


def test_channels_categories_and_tags_are_mapped_or_made():
    bring(
        row("1", Tags="Older American, Servicemember"),
        row("2", **{"Submitted via": "Postal mail"}),
        row("3", **{"Submitted via": "Carrier pigeon", "Product": "P" * 110}),
        row("4", **{"Submitted via": "", "Product": "P" * 109 + "Q"}),
    )
    assert Ticket.objects.get(source_key="1").channel == Channel.objects.get(slug="web")
    assert Ticket.objects.get(source_key="2").channel.slug == "post"
    assert Ticket.objects.get(source_key="3").channel.name == "Carrier pigeon"
    assert Ticket.objects.get(source_key="4").channel.slug == "import"
    assert Category.objects.filter(name__startswith="PPP").count() == 2
    assert set(Tag.objects.filter(tickets__source_key="1").values_list("slug", flat=True)) == {
        "older-american",
        "servicemember",
    }


def test_each_complaint_has_a_customer_with_an_address_that_cannot_exist():
    bring(row("1"), row("2"), row("weird key <script>"))
    addresses = sorted(Customer.objects.filter(tickets__source="cfpb").values_list("email", flat=True))
    assert len(addresses) == 3 and all(address.endswith("@cfpb.invalid") for address in addresses)
    assert "complaint-1@cfpb.invalid" in addresses


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_put_each_row_in_once(people):
    rows = [row(str(number)) for number in range(300)]
    failures = []

    def work():
        try:
            bring(*rows)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert Ticket.objects.count() == 300


def run(tmp_path, *rows, **options) -> tuple[str, str]:
    path, out, err = tmp_path / "rows.csv", StringIO(), StringIO()
    path.write_bytes(written(*rows).encode("utf-8-sig"))
    call_command("import_tickets", str(path), map=options.pop("map", "cfpb"), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_command_counts_and_names_bad_rows(tmp_path):
    out, err = run(tmp_path, row("1"), live("2"), row("3", Issue=""))
    assert "2 tickets imported: 1 resolved, 1 live" in out and "1 rows did not go in" in out
    assert "line 4:" in err


def test_command_fails_on_a_bad_row_only_when_strict(tmp_path):
    with pytest.raises(CommandError, match="1 rows"):
        run(tmp_path, row("1"), row("3", Issue=""), strict=True)
    assert Ticket.objects.count() == 1


def test_file_or_map_that_does_not_fit_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(CommandError, match="Shipped: cfpb"):
        run(tmp_path, row("1"), map="nonsense")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_tickets", str(tmp_path / "none.csv"), map="cfpb")
    with pytest.raises(Invalid, match="lacks the columns"):
        bring(text="a,b\r\n1,2\r\n")
    with pytest.raises(Invalid, match="empty"):
        bring(text="")
    own = tmp_path / "own.toml"
    own.write_text('source = "x"\n[colums]\nkey = "a"\n')
    with pytest.raises(CommandError, match="unknown key 'colums'"):
        run(tmp_path, row("1"), map=str(own))


def test_own_map_names_floor_and_date_format(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        'source = "old"\ndate_format = "%d/%m/%Y"\ndelimiter = ";"\n'
        '[columns]\nkey = "Nr"\ncreated = "Day"\nsubject = "What"\nstatus = "State"\n'
        '[status]\nresolved = ["done", "paid"]\n[resolution]\nfloors = { paid = 2 }\n'
        '[customer]\nemail = "{key}@old.invalid"\n'
    )
    stream = io.StringIO("Nr;Day;What;State\n1;31/01/2024;Broken;done\n2;01/02/2024;Lost;paid\n")
    summary = importing.import_tickets(stream, import_map.load(str(own)))
    assert summary.history == 2
    assert list(Escalation.objects.order_by("pk").values_list("resolved_on_floor", flat=True)) == [1, 2]
