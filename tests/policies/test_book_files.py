"""The policy book as files: the same bytes again, faults by file and line, and no way round the second person."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from policies import book, book_files, proposals, triggers
from policies.models import Calendar, DecisionRule, FloorLimit, PolicyDraft, ResponseTime, Right, Trigger, TriggerDraft
from tests.builders import T0
from tests.policies.test_floors import office, put
from tickets.refusals import Conflict

LATER = T0 + timedelta(days=365)


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
    book_files.export(tmp_path / "a", now=LATER)
    emptied("decision-matrix", "rights")
    for path in (tmp_path / "a").glob("*.toml"):
        if path.stem not in ("rights", "decision-matrix"):
            path.rename(tmp_path / path.name)
    done = book_files.load(tmp_path / "a", actor=None, now=T0)
    assert done.in_force == DecisionRule.objects.count() + Right.objects.count() and not done.drafted
    assert Right.objects.get(right="privacy", policy="credits").you["en"] == hostile
    book_files.export(tmp_path / "b", now=LATER)
    for path in (tmp_path / "a").glob("*.toml"):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_what_differs_becomes_a_draft_and_changes_nothing(people, tmp_path):
    book_files.export(tmp_path, now=LATER)
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
    book_files.export(tmp_path / "a", now=LATER)
    emptied("calendars", "floor-limits", "triggers")
    assert book_files.check(tmp_path / "a", now=T0) == [] and not Calendar.objects.exists(), "a check changes nothing"
    book_files.load(tmp_path / "a", actor=None, now=T0)
    limit = FloorLimit.objects.get(floor=1)
    assert (limit.calendar.closures, len(limit.calendar.holidays) > 30) == (closures, True)
    assert triggers.evaluate(text="my lawyer", at=T0)[0].trigger.slug == "legal-risk"
    book_files.export(tmp_path / "b", now=LATER)
    for path in (tmp_path / "a").glob("*.toml"):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_a_changed_rule_for_tickets_becomes_a_draft_that_must_still_be_tried(people, tmp_path):
    book_files.export(tmp_path, now=LATER)
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


def test_what_is_in_force_is_exported_unless_what_is_planned_is_asked_for_and_neither_undoes_any(people, tmp_path):
    kind = book.kind("response-times")
    draft = proposals.begin(kind, {"first_response": "PT9M", "resolution": "P1D"}, actor=people.policy, now=T0)
    starts = T0 + timedelta(days=30)
    proposals.publish(draft.pk, actor=people.admin, revision=1, now=T0, at=starts)
    for folder, planned, says in (("a", False, "PT8M"), ("b", True, "PT9M")):
        book_files.export(tmp_path / folder, now=T0, planned=planned)
        assert f'"{says}"' in (tmp_path / folder / "response-times.toml").read_text()
        done = book_files.load(tmp_path / folder, actor=people.policy, now=T0)
        assert (done.drafted, done.waiting) == (0, 0) and ResponseTime.objects.in_force(starts).get().version == 2


def test_owners_travel_by_address_and_whoever_is_unknown_here_is_said(people, tmp_path, capsys):
    Right.objects.update(owner=people.policy)
    Trigger.objects.update(owner=people.admin)
    book_files.export(tmp_path / "a", now=LATER)
    path = tmp_path / "a" / "rights.toml"
    assert path.read_text().count('owner = "policy@example.com"') == Right.objects.count()
    path.write_text(path.read_text().replace("policy@example.com", "gone@example.com", 2))
    emptied("rights", "triggers")
    call_command("policies", "check", tmp_path / "a")
    assert "gone@example.com, owner of 2 rules, may not answer for policies here" in capsys.readouterr().out
    call_command("policies", "import", tmp_path / "a", author="admin@example.com")
    assert "new ones belong to admin@example.com" in capsys.readouterr().out
    assert Right.objects.filter(owner=people.admin).count() == 2
    assert Right.objects.filter(owner=people.policy).count() == Right.objects.count() - 2
    book_files.export(tmp_path / "b", now=LATER)
    assert (tmp_path / "a/triggers.toml").read_bytes() == (tmp_path / "b/triggers.toml").read_bytes()
    path.write_text(path.read_text().replace("gone@example.com", "agent@example.com"))
    done = book_files.load(tmp_path / "a", actor=people.policy, now=LATER)
    assert done.drafted == 0, "an agent answers for no policy: who does so here stays"
    path.write_text(path.read_text().replace("agent@example.com", "Policy@example.com", 1))
    assert book_files.load(tmp_path / "a", actor=people.policy, now=LATER).drafted == 1
    assert PolicyDraft.objects.get().owner == people.policy
    path.write_text(path.read_text().replace('"Policy@example.com"', "7", 1))
    assert [fault.words for fault in book_files.check(tmp_path / "a", now=LATER)] == [
        "owner: Name the owner by e-mail address."
    ]


def test_what_an_upgrade_adds_belongs_to_the_first_administrator(people):
    Right.objects.filter(right="privacy").update(owner=people.policy)
    call_command("starter")
    for kind in book.KINDS.values():
        assert not kind.model.objects.filter(valid_until=None, owner=None).exists(), kind.slug
    assert set(Right.objects.filter(right="privacy").values_list("owner", flat=True)) == {people.policy.pk}
    assert set(Trigger.objects.values_list("owner", flat=True)) == {people.admin.pk}
    assert not Trigger.objects.filter(review_on=None).exists()
