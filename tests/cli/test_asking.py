from typing import Any

import pytest

from trinax.cli.asking import verdict

ALL: dict[str, int | None] = {"passages": 0, "turns": 0, "condensed": 0, "files": None, "pages": 0}


def said(**left_out: int) -> dict[str, Any]:
    return {
        "grounding": {"verdict": "answered"},
        "route": {"model": "small"},
        "left_out": {**ALL, **left_out},
    }


def test_what_of_an_attachment_could_not_be_read_is_said() -> None:
    told = said()
    told["left_out"]["attachments"] = ["scan.pdf: page 2 is a picture"]
    assert verdict(told) == "answered, by small; without scan.pdf: page 2 is a picture"


def test_a_verdict_names_the_model() -> None:
    assert verdict(said()) == "answered, by small"


@pytest.mark.parametrize(
    ("left_out", "without"),
    [
        ({"files": 0}, "some files that are not indexed yet"),
        ({"files": 12}, "12 files that are not indexed yet"),
        ({"passages": 3, "turns": 2}, "3 passages that found no room, 2 earlier messages"),
        ({"condensed": 1}, "parts of earlier messages"),
    ],
)
def test_what_an_answer_was_written_without_is_said(left_out: dict[str, int], without: str) -> None:
    assert verdict(said(**left_out)) == f"answered, by small; without {without}"
