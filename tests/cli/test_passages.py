from collections.abc import Mapping
from typing import Any

import pytest

from trinax.cli import passages


def unlinked(row: Mapping[str, Any]) -> str:
    return ""


@pytest.fixture
def hit() -> dict[str, Any]:
    return {
        "collection_id": "notes",
        "file": "a.md",
        "start_line": 3,
        "end_line": 9,
        "page": None,
        "score": 0.25,
        "text": "first\nsecond",
    }


def test_a_hit_shows_its_place_score_and_text(
    hit: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    passages.show_hits({"hits": [hit]}, unlinked)
    assert capsys.readouterr().out == (" 1  notes/a.md:3-9  0.25\n    first\n    second\n\n")


def test_a_page_is_named(hit: dict[str, Any]) -> None:
    assert passages.place(hit | {"page": 2}) == "notes/a.md:3-9 (page 2)"


def test_long_text_is_cut_and_says_so(
    hit: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    passages.show_hits({"hits": [hit | {"text": "x\n" * 10}]}, unlinked)
    assert "… 2 more lines" in capsys.readouterr().out


def test_markup_in_text_is_text(hit: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    passages.show_hits({"hits": [hit | {"text": "[bold]x[/bold] :smile:"}]}, unlinked)
    assert "[bold]x[/bold] :smile:" in capsys.readouterr().out


def test_no_hit_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    passages.show_hits({"hits": []}, unlinked)
    assert capsys.readouterr().out == "Nothing matches.\n"
