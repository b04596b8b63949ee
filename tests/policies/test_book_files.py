"""The policy book as files: the same bytes again, faults by file and line, and no way round the second person."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from policies import book, book_files, proposals, triggers
from policies.models import Calendar, DecisionRule, FloorLimit, PolicyDraft, Right, TriggerDraft
from tests.builders import T0
from tests.policies.test_floors import office, put
from tickets.refusals import Conflict


def run(do, folder, **options) -> None:
    call_command("policies", do, folder, **options, verbosity=0, stdout=open("/dev/null", "w"))


def emptied(*kinds: str) -> None:
    """Empty the kinds of policy as they are in a new house, also where something of this one is kept for good."""
    tables = ", ".join(book.kind(slug).model._meta.db_table for slug in kinds)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgtype & 32 > 0")  # those of TRUNCATE
        guards = cursor.fetchall()
        for word in ("DISABLE", "ENABLE"):
            if word == "ENABLE":
                cursor.execute(f"TRUNCATE {tables} CASCADE")
            for table, name in guards:
                cursor.execute(f"ALTER TABLE {table} {word} TRIGGER {name}")


def test_export_import_export_gives_the_same_bytes(people, tmp_path):
    hostile = 'He said "no"\\\nand left: """quoted"""\ttab \x7f €'
    kind = book.kind("rights")
    written = {"right": "privacy", "policy": "credits", "you": {"en": hostile}, "we": {"en": 'ends with "'}}
    draft = proposals.begin(kind, written, actor=people.policy, now=T0)
    proposals.publish(draft.pk, actor=people.admin, revision=1, now=T0)
    book_files.export(tmp_path / "a")
    emptied("decision-matrix", "rights")
    for path in (tmp_path / "a").glob("*.toml"):
        if path.stem not in ("rights", "decision-matrix"):
            path.rename(tmp_path / path.name)
    done = book_files.load(tmp_path / "a", actor=None, now=T0)
    assert done.in_force == DecisionRule.objects.count() + Right.objects.count() and not done.drafted
    assert Right.objects.get(right="privacy", policy="credits").you["en"] == hostile
    book_files.export(tmp_path / "b")
    for path in (tmp_path / "a").glob("*.toml"):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_what_differs_becomes_a_draft_and_changes_nothing(people, tmp_path):
    book_files.export(tmp_path)
    assert book_files.load(tmp_path, actor=None, now=T0).drafted == 0
    path = tmp_path / "decision-matrix.toml"
    path.write_text(path.read_text().replace('up_to = "100.00"', 'up_to = "120.00"', 1))
    with pytest.raises(CommandError, match="in whose name"):
        run("import", tmp_path)
    with pytest.raises(CommandError, match="policy owners"):
        run("import", tmp_path, author="agent@example.com")
    run("import", tmp_path, author="policy@example.com")
    draft = PolicyDraft.objects.get()
    assert (draft.terms["up_to"], draft.author) == ("120.00", people.policy)
    assert not DecisionRule.objects.filter(up_to=120).exists()
    assert book_files.load(tmp_path, actor=people.policy, now=T0).waiting == 1


def test_check_says_each_fault_with_file_and_line(people, tmp_path):
    (tmp_path / "response-times.toml").write_text(
        '[[rule]]\nfirst_response = "PT8M"\nresolution = "P1D"\n\n'
        '[[rule]]\nchannel = "pigeon"\nfirst_response = "PT8M"\nresolution = "P1D"\n\n'
        '[[rule]]\nfirst_response = "PT9M"\nresolution = "P1D"\n'
    )
    (tmp_path / "scripts.toml").write_text('[[rule]]\nslug = "x"\ntitle = oops\n')
    (tmp_path / "rights.toml").write_text(
        '[[rule]]\nright = "privacy"\npolicy = "credits"\n[rule.you]\nen = "You"\n[rule.we]\nde = "Wir"\n'
    )
    found = sorted((fault.file.name, fault.line) for fault in book_files.check(tmp_path, now=T0))
    assert found == [("response-times.toml", 6), ("response-times.toml", 10), ("rights.toml", 6), ("scripts.toml", 3)]
    with pytest.raises(CommandError, match=r"rights.toml:6: we: "):
        run("check", tmp_path)
    with pytest.raises(CommandError, match="response-times.toml:6"):
        run("import", tmp_path, author="policy@example.com")
    assert not PolicyDraft.objects.exists()


def test_a_file_of_no_kind_is_refused(tmp_path, db):
    with pytest.raises(CommandError, match="no .toml files"):
        run("check", tmp_path)
    (tmp_path / "jokes.toml").write_text("")
    with pytest.raises(CommandError, match="no kind of policy"):
        run("check", tmp_path)


def test_a_new_house_gets_its_calendars_before_the_clocks_that_run_in_them_and_its_rules_for_tickets(people, tmp_path):
    closures = [{"from": "2026-12-24", "until": "2027-01-06", "why": 'Winter "break"'}]
    put(people, 15, calendar=office(people, country="IT", subdivision="RM", closures=closures))
    book_files.export(tmp_path / "a")
    emptied("calendars", "floor-limits", "triggers")
    assert book_files.check(tmp_path / "a", now=T0) == [] and not Calendar.objects.exists(), "a check changes nothing"
    book_files.load(tmp_path / "a", actor=None, now=T0)
    limit = FloorLimit.objects.get(floor=1)
    assert (limit.calendar.closures, len(limit.calendar.holidays) > 30) == (closures, True)
    assert triggers.evaluate(text="my lawyer", at=T0)[0].trigger.slug == "legal-risk"
    book_files.export(tmp_path / "b")
    for path in (tmp_path / "a").glob("*.toml"):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_a_changed_rule_for_tickets_becomes_a_draft_that_must_still_be_tried(people, tmp_path):
    book_files.export(tmp_path)
    path = tmp_path / "triggers.toml"
    path.write_text(path.read_text().replace('slug = "legal-risk"\n', 'slug = "legal-risk"\nwarning = "Look!"\n', 1))
    done = book_files.load(tmp_path, actor=people.policy, now=T0)
    draft = TriggerDraft.objects.get()
    assert (done.drafted, draft.slug, draft.warning, draft.tried_at) == (1, "legal-risk", "Look!", None)
    assert book_files.load(tmp_path, actor=people.admin, now=T0).waiting == 1
    with pytest.raises(Conflict, match="tried on tickets first"):
        proposals.begin(book.kind("triggers"), {"slug": "legal-risk"}, actor=people.policy, now=T0)


@pytest.mark.parametrize(
    ("kind", "rule", "line"),
    [
        ("calendars", 'slug = "x"\nname = "X"\nzone = "Europe/Atlantis"\nweek = [[],[],[],[],[],[],[]]', 4),
        ("calendars", 'slug = "x"\nname = "X"\nzone = "UTC"\nweek = [1, 2]', 5),
        ("calendars", 'slug = "x"\nname = "X"\nzone = "UTC"\nweek = [[],[],[],[],[],[],[]]', 5),
        ("calendars", 'slug = "x"\nname = "X"\nzone = "UTC"\nweek = [[[9, 17]],[],[],[],[],[],[]]', 5),
        ("triggers", 'slug = "x"\nname = "X"\nfloor = 3\nphrases = ["loose"]', 5),
        ("triggers", 'slug = "x"\nname = "X"\nfloor = 1\nphrases = { en = ["loose"] }', 4),
        ("triggers", 'slug = "x"\nname = "X"\nfloor = 3\ncondition = "import os"', 5),
        ("triggers", 'slug = "x"\nname = "X"\ntags = ["none-such"]\nwarning = "Look"\nmin_order_value = 5', 4),
    ],
)
def test_what_makes_no_sense_in_the_files_of_calendars_and_rules_is_said_with_its_line(
    people, tmp_path, kind, rule, line
):
    (tmp_path / f"{kind}.toml").write_text(f"[[rule]]\n{rule}\n")
    assert [fault.line for fault in book_files.check(tmp_path, now=T0)] == [line]
