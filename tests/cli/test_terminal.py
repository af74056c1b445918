from typing import Any

import pytest

from trinax.cli import terminal


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


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KB"),
        (1_500_000, "1.5 MB"),
        (99_960, "100 KB"),
        (999_600, "1.0 MB"),
        (2_000_000_000, "2.0 GB"),
    ],
)
def test_sizes_have_two_or_three_digits(size_bytes: int, text: str) -> None:
    assert terminal.size(size_bytes) == text


def test_indexed_text_cannot_drive_the_terminal() -> None:
    assert terminal.plain("a\x1b[31mred\x07\x9b\tb\n") == "a[31mred\tb\n"


def test_a_hit_shows_its_place_score_and_text(
    hit: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.show_hits({"hits": [hit]})
    assert capsys.readouterr().out == (" 1  notes/a.md:3-9  0.25\n    first\n    second\n\n")


def test_a_page_is_named(hit: dict[str, Any]) -> None:
    assert terminal.place(hit | {"page": 2}) == "notes/a.md:3-9 (page 2)"


def test_long_text_is_cut_and_says_so(
    hit: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.show_hits({"hits": [hit | {"text": "x\n" * 10}]})
    assert "… 2 more lines" in capsys.readouterr().out


def test_markup_in_text_is_text(hit: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show_hits({"hits": [hit | {"text": "[bold]x[/bold] :smile:"}]})
    assert "[bold]x[/bold] :smile:" in capsys.readouterr().out


def test_piped_output_has_no_colour_and_is_not_wrapped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal.say("word " * 100, "bold red")
    assert capsys.readouterr().out == "word " * 100 + "\n"


def test_no_hit_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show_hits({"hits": []})
    assert capsys.readouterr().out == "Nothing matches.\n"


def test_checks_say_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    fine = {"name": "Python", "level": "ok", "message": "3.11.7", "advice": ""}
    bad = {"name": "address", "level": "fail", "message": "in use", "advice": "stop it"}
    terminal.show_checks([fine, bad])
    assert capsys.readouterr().out.splitlines() == [
        "ok    Python   3.11.7",
        "fail  address  in use",
        "               → stop it",
    ]


def test_rows_of_any_kind_become_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show_rows([{"dataset": "adi", "ndcg_10": 0.5}, {"dataset": "npl", "ndcg_10": 0.25}])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [["dataset", "ndcg_10"], ["adi", "0.500"], ["npl", "0.250"]]


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    files = {"total": 4, "failed": 1}
    status = {"files": files, "queue": {"files": 1}, "eta_s": 2.0, "chunks": 3}
    with terminal.bar("notes") as bar:
        bar.show(status)
    assert capsys.readouterr().err == ""


def test_a_download_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.transfer("a.gguf", 100) as show:
        show(50)
    assert capsys.readouterr().err == ""


def test_a_model_is_told_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"id": "a", "size_bytes": 2_000_000, "roles": ("fast", "deep"), "problem": ""}
    terminal.show_model(row | {"memory": {"needed_bytes": 3_000_000}})
    assert capsys.readouterr().out.splitlines() == [
        "id                      a",
        "size                    2.0 MB",
        "roles                   fast",
        "                        deep",
        "needed                  3.0 MB",
    ]
