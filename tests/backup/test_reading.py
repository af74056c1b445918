import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.backup.saving import names, read
from trinax.backup.contents import has_place
from trinax.backup.records import END, HEAD
from trinax.errors import BadBackup, NewerData


def changed(file: Path, to: Path, name: str, **values: Any) -> Path:
    """The same backup with other values in one of its JSON members."""
    with tarfile.open(file) as source, tarfile.open(to, "w", format=tarfile.PAX_FORMAT) as target:
        for member in source:
            content = source.extractfile(member)
            data = content.read() if content else b""
            if member.name == name:
                data = json.dumps(json.loads(data) | values).encode()
            info = tarfile.TarInfo(member.name)
            info.size, info.type = len(data), tarfile.DIRTYPE if member.isdir() else info.type
            target.addfile(info, io.BytesIO(data))
    return to


def test_a_whole_one_is_read_to_its_end(file: Path) -> None:
    assert len(read(file).parts) == len([one for one in names(file) if "vector_index" not in one])


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 0.5, 0.8, 0.97, 0.999])
def test_one_that_was_cut_off_is_refused(file: Path, tmp_path: Path, share: float) -> None:
    content = file.read_bytes()[:-1024]
    (tmp_path / "cut.tar").write_bytes(content[: int(share * len(content))])
    with pytest.raises(BadBackup):
        read(tmp_path / "cut.tar")


def test_it_is_said_what_is_missing(file: Path, tmp_path: Path) -> None:
    content = file.read_bytes()
    (tmp_path / "cut.tar").write_bytes(content[: content.index(b"index/manuals/shard")])
    said = r"cut off.*\d parts are whole, nothing is there of my-notes, ledger.sqlite"
    with pytest.raises(BadBackup, match=said):
        read(tmp_path / "cut.tar")


def test_any_changed_byte_is_seen(file: Path, tmp_path: Path) -> None:
    content = bytearray(file.read_bytes())
    place = content.index(b"boils at 94")
    content[place + 9] ^= 1
    (tmp_path / "changed.tar").write_bytes(content)
    with pytest.raises(BadBackup, match=r"is not what was written"):
        read(tmp_path / "changed.tar")


def test_changed_places_of_data_are_seen(file: Path, tmp_path: Path) -> None:
    content = file.read_bytes()
    assert b"\n65536\n33488932\n" in content or b"0\n65536\n" in content
    (tmp_path / "changed.tar").write_bytes(content.replace(b"0\n65536\n", b"9\n65536\n", 1))
    with pytest.raises(BadBackup):
        read(tmp_path / "changed.tar")


@pytest.mark.parametrize("content", [b"", b"no tar at all", bytes(10_240)])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tar").write_bytes(content)
    with pytest.raises(BadBackup):
        read(tmp_path / "a.tar")


def test_another_tar_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("a.md"))
    with pytest.raises(BadBackup, match=HEAD):
        read(tmp_path / "a.tar")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"format": 9}, "A newer trinax wrote the backup: it has version 9, and this one knows 1"),
        ({"versions": {"ledger.sqlite": 7}}, "ledger.sqlite in the backup: it has version 7"),
        ({"versions": {"index": 9}}, "index in the backup: it has version 9"),
        ({"versions": {"moons": 1}}, "moons in the backup: it has version 1"),
    ],
)
def test_one_of_a_newer_trinax_is_refused(
    file: Path, tmp_path: Path, values: dict[str, Any], said: str
) -> None:
    with pytest.raises(NewerData, match=said):
        read(changed(file, tmp_path / "newer.tar", HEAD, **values))


@pytest.mark.parametrize("folder", ["..", ".", "", "a/b", "/tmp"])
def test_folders_that_lead_elsewhere_are_refused(file: Path, tmp_path: Path, folder: str) -> None:
    with pytest.raises(BadBackup, match="has no place in it"):
        read(changed(file, tmp_path / "bad.tar", END, folders=[folder]))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(file: Path, tmp_path: Path, kind: bytes) -> None:
    with tarfile.open(file) as source, tarfile.open(tmp_path / "bad.tar", "w") as target:
        head = source.next()
        assert head is not None
        target.addfile(head, source.extractfile(head))
        bad = tarfile.TarInfo("documents/a/b.md")
        bad.type, bad.linkname = kind, "/etc/passwd"
        target.addfile(bad)
    with pytest.raises(BadBackup, match="no plain file"):
        read(tmp_path / "bad.tar")


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../a",
        "documents/../../a",
        "documents/a",
        "documents/a//b",
        "documents/a/./b",
        "documents/a/b\0c",
        "index/A/store.json",
        "index/a/../b/store.json",
        "index/a/shard.corrupt-1/x",
        "index/a/lock",
        "lock",
        "server.json",
        "models/a.gguf",
        "audit.0.jsonl",
        "ledger.sqlite-wal",
        "",
    ],
)
def test_other_names_have_no_place(name: str) -> None:
    assert not has_place(name)


@pytest.mark.parametrize(
    "name", ["documents/a/b?.md", "index/a/next.json", "index/a/shard-2/x/y", "audit.12.jsonl"]
)
def test_these_names_have(name: str) -> None:
    assert has_place(name)
