"""The picture of the state machine is the code's own."""

import pytest
from django.conf import settings

from escalation.drawing import drawn_into, state_diagram


def test_picture_in_the_docs_is_what_the_code_says():
    text = (settings.BASE_DIR / "docs" / "promises.md").read_text(encoding="utf-8")
    assert drawn_into(text) == text, "run `make diagrams`"
    assert "floor_3 --> resolved: resolve" in text


def test_there_is_no_floor_above_the_third_and_no_way_past_the_machine():
    arrows = [line.split(":")[0].split(" --> ") for line in state_diagram().splitlines() if "-->" in line]
    assert {target.strip() for _source, target in arrows} == {"floor_1", "floor_2", "floor_3", "resolved"}


def test_document_without_a_place_is_refused():
    with pytest.raises(ValueError, match="no place for a diagram"):
        drawn_into("# Only words\n")
