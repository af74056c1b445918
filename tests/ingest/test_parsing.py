import os
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import pytest

from trinax.documents.chunking import Limits
from trinax.documents.opening import Place
from trinax.ingest.parsing import Job, parsed
from trinax.ingest.scan import Found


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.md"
    path.write_text("# Nota\n\nEl perro come en la casa de la montaña con los niños y las niñas.\n")
    return path


def job(path: Path, known: str = "") -> Job:
    stat = path.stat()
    found = Found(path.name, Place(path.parent, path.name), stat.st_size, stat.st_mtime_ns)
    return Job("notes", found, known, Limits(), 1_000_000)


def test_a_file_becomes_chunks_with_terms(note: Path) -> None:
    one = parsed(job(note))
    assert (one.outcome, one.kind, one.language) == ("text", "markdown", "es")
    assert len(one.chunks) == len(one.terms) == 1


def test_the_digest_is_that_of_the_bytes(note: Path) -> None:
    digest = blake2b(note.read_bytes(), digest_size=20).hexdigest()
    assert parsed(job(note)).digest == digest


def test_known_bytes_are_not_parsed(note: Path) -> None:
    known = blake2b(note.read_bytes(), digest_size=20).hexdigest()
    one = parsed(job(note, known))
    assert (one.outcome, one.chunks) == ("same", ())


def test_a_file_that_changed_since_the_scan_is_left_for_the_next_one(note: Path) -> None:
    before = job(note)
    note.write_text("other words")
    one = parsed(before)
    assert (one.outcome, one.reason) == ("unread", "changed while it was being read")


def test_a_file_that_vanished_is_left_for_the_next_scan(note: Path) -> None:
    before = job(note)
    note.unlink()
    one = parsed(before)
    assert (one.outcome, one.reason) == ("unread", "it cannot be read (No such file or directory)")


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path, note: Path) -> None:
    before = job(note)
    secret = tmp_path / "secret.md"
    note.rename(secret)
    note.symlink_to(secret)
    assert parsed(before).outcome == "unread"


def test_bytes_that_are_no_text_are_unreadable_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(bytes(range(256)) * 20)
    one = parsed(job(path))
    assert one.outcome == "unreadable"
    assert one.reason


def test_a_file_over_the_limit_is_unreadable(note: Path) -> None:
    assert parsed(replace(job(note), limit_bytes=10)).outcome == "unreadable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_closed_file_is_tried_again(note: Path) -> None:
    note.chmod(0)
    assert parsed(job(note)).reason == "it cannot be read (Permission denied)"


def test_a_link_in_the_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    for folder in ("docs", "outside"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.md").write_text("words")
    stat = (tmp_path / "outside/a.md").stat()
    place = Place(tmp_path, "docs/a.md")
    (tmp_path / "docs").rename(tmp_path / "aside")
    (tmp_path / "docs").symlink_to(tmp_path / "outside")
    found = Found("docs/a.md", place, stat.st_size, stat.st_mtime_ns)
    assert parsed(Job("notes", found, "", Limits(), 1_000_000)).outcome == "unread"
