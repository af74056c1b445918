from pathlib import Path

import pytest

from tests.ingest.archiving import (
    WIDTH,
    as_device,
    as_hard_link,
    as_link,
    as_long_name,
    as_negative,
    as_sparse,
    built,
    hostile,
)
from trinax.errors import BadArchive
from trinax.ingest import archives
from trinax.ingest.archives import MANIFEST, VECTORS, Limits, Manifest, Unpacked

LIMITS = Limits(file_limit_bytes=10_000, import_files=10)


def unpacked(folder: Path, archive: bytes) -> Unpacked:
    (folder / "archive").write_bytes(archive)
    return archives.unpacked(folder / "archive", folder, LIMITS)


def test_documents_come_out_as_they_were(tmp_path: Path) -> None:
    named = {"a.md": b"alpha", "sea/Stoßzahn.md": b"", "b.md": b"x" * 10_000}
    found = unpacked(tmp_path, built(named))
    assert {one.file: one.content.read_bytes() for one in found.documents} == named


@pytest.mark.parametrize(
    "archive",
    [
        b"",
        b"no tar at all" * 100,
        b"\0" * 1024,
        built({"a.md": b"x"})[:1000],
        built({"a.md": b"x" * 5000})[:3000],
        built({"a.md": b"x"}, documents=2),
        built({"a.md": b"x"}, vectors=2),
        built({"../a.md": b"x"}),
        built({"/etc/a.md": b"x"}),
        built({"a\\b.md": b"x"}),
        built({"a\nb.md": b"x"}),
        built({"con.md": b"x"}),
        built({".env": b"x"}),
        built({"a.exe": b"x"}),
        built({"a.md": b"x", "a.md/b.md": b"x"}),
        built({}, archives.member("elsewhere/a.md", b"x")),
        built({}, archives.member(f"{VECTORS}1", b"too short")),
        built({}, archives.member(f"{VECTORS}1", b"\xff" * (32 + 4 * WIDTH)), vectors=1),
        built({"é.md": b"x", "e\u0301.md": b"y"}),
        built({}, hostile(as_link)),
        built({}, hostile(as_hard_link)),
        built({}, hostile(as_device)),
        built({}, hostile(as_sparse)),
        built({}, hostile(as_long_name)),
        built({}, hostile(as_negative)),
        archives.member("documents/a.md", b"x"),
        archives.member(MANIFEST, b"{}"),
        archives.member(MANIFEST, b"[" * 100_000),
        archives.written(MANIFEST, Manifest(99, "demo", "", 1)) + archives.closing(),
        archives.written(MANIFEST, Manifest(1, "demo", "", 10**9)) + archives.closing(),
    ],
)
def test_a_broken_or_hostile_archive_is_refused(tmp_path: Path, archive: bytes) -> None:
    with pytest.raises(BadArchive):
        unpacked(tmp_path, archive)


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"a.md": b"x" * 10_001}, "over 10000 bytes"),
        ({f"{n}.md": b"x" for n in range(11)}, "more than 10 documents"),
    ],
)
def test_limits_are_kept(tmp_path: Path, named: dict[str, bytes], reason: str) -> None:
    with pytest.raises(BadArchive, match=reason):
        unpacked(tmp_path, built(named))
