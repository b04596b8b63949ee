"""Each caller reads their own notifications, and only about what they may still see."""

import pytest

from helpdesk import letters
from tests.api.conftest import raised_to
from tickets.models import User

pytestmark = pytest.mark.django_db

ROLES = ["agent", "specialist", "supervisor", "head_of_risk", "legal", "executive", "manager", "policy_owner", "admin"]


def test_each_role_reads_its_own(house):
    number = raised_to(house, 3)
    letters.relay()
    got = {role: getattr(house, role).get("notifications/?unread=true").data["results"] for role in ROLES}
    arrived = {role for role, rows in got.items() if any(row["event"] == "floor_3" for row in rows)}
    assert arrived == {"head_of_risk", "legal"}
    (row,) = [row for row in got["legal"] if row["event"] == "floor_3"]
    assert (row["ticket"], row["words"], row["read_at"]) == (number, "A case has arrived on Floor 3", None)
    assert house.agent.post(f"notifications/{row['id']}/read/").status_code == 404
    assert house.legal.post(f"notifications/{row['id']}/read/").data["read_at"]
    assert house.legal.post("notifications/read/").data["read"] == len(got["legal"]) - 1
    assert house.legal.get("notifications/?unread=true").data["results"] == []
    assert len(house.legal.get("notifications/").data["results"]) == len(got["legal"])
    assert house.legal.get("notifications/?colour=red").status_code == 400


def test_words_are_in_the_callers_language(house):
    User.objects.filter(pk=house.people["legal"].pk).update(language="it")
    raised_to(house, 3)
    letters.relay()
    words = [row["words"] for row in house.legal.get("notifications/").data["results"]]
    assert "Un caso è arrivato al piano 3" in words or "A case has arrived on Floor 3" in words
