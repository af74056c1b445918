import shutil
from pathlib import Path

import pytest

from trinax.evaluation.ingestion import beside, checkout, corpora, following, memory, throughput
from trinax.evaluation.ingestion.bench import passed, shown
from trinax.evaluation.ingestion.throughput import PIECE_CHARACTERS, pieces
from trinax.evaluation.ingestion.watching import Whole

IDLE = {"state": "idle", "queue": {"files": 0}, "files": {"total": 3}, "bytes": 40}


def twelve_notes(folder: Path) -> int:
    corpora.notes(folder, 12)
    return 12


def test_notes_are_the_same_at_every_run_and_differ_by_number_and_edition() -> None:
    texts = {corpora.note(1), corpora.note(1), corpora.note(2), corpora.note(1, edition=1)}
    assert len(texts) == 3


def test_notes_lie_in_folders_of_a_hundred(tmp_path: Path) -> None:
    size_bytes = corpora.notes(tmp_path, 101)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 101
    assert sum(path.stat().st_size for path in files) == size_bytes
    assert len(list(tmp_path.iterdir())) == 2


def test_pages_of_text_all_differ_and_end_at_a_size(tmp_path: Path) -> None:
    count = corpora.text(tmp_path, limit_bytes=100_000)
    pages = [path.read_text("utf-8") for path in tmp_path.iterdir()]
    assert len(set(pages)) == len(pages) == count
    assert sum(len(page.encode()) for page in pages) >= 100_000


def test_pieces_hold_all_words_and_are_short() -> None:
    text = "\n\n".join(f"{'word ' * 90}{n}\nline {n}" for n in range(20))
    found = list(pieces(text))
    assert " ".join(found).split() == text.split()
    assert all(len(piece) <= PIECE_CHARACTERS for piece in found)


def test_a_piece_without_blanks_is_cut_anywhere() -> None:
    assert [len(piece) for piece in pieces("x" * 2500)] == [1000, 1000, 500]


@pytest.mark.parametrize(
    ("whole", "found", "is_whole"),
    [
        (Whole(3), None, False),
        (Whole(3), IDLE, True),
        (Whole(3, 40), IDLE, True),
        (Whole(3, 41), IDLE, False),
        (Whole(4), IDLE, False),
        (Whole(3), {**IDLE, "state": "indexing"}, False),
    ],
)
def test_a_collection_is_whole_once_nothing_is_left_to_do(
    whole: Whole, found: dict[str, object] | None, is_whole: bool
) -> None:
    assert whole.of(found) is is_whole


@pytest.mark.slow
def test_throughput_is_measured_through_a_server() -> None:
    found = throughput.measured(1, {"notes": twelve_notes})["notes"]
    assert (found["files"], found["chunks"]) == (12, 12)
    assert found["chunks_per_s"] > 0
    assert found["naive_mb_per_s"] > 0


@pytest.mark.slow
def test_every_figure_is_shown() -> None:
    figures = {
        "throughput": throughput.measured(1, {"notes": twelve_notes}),
        "memory": memory.measured(text_bytes=200_000),
        "following": following.measured(1, notes=20, edits=2),
        "checkout": checkout.measured(files=30, changed=20) if shutil.which("git") else {},
        "beside": beside.measured(notes=20, rounds=2, make=twelve_notes),
    }
    text = shown(figures)
    assert passed(figures)
    assert figures["following"]["chunks"] == 20
    assert "save to found p95, ms" in text
    assert "first byte of an answer p99, ms" in text


def test_a_lost_chunk_fails() -> None:
    assert not passed({"checkout": {"lost": 1, "double": 0}})
    assert passed({"checkout": {}})
