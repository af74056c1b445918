import struct
from contextlib import suppress
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest

from tests.documents.readers.packages import zipped
from trinax.documents.readers import archive
from trinax.documents.readers.archive import Archive
from trinax.errors import UnreadableDocument

MEGABYTE = 1_000_000


def _reason(data: bytes) -> str:
    with pytest.raises(UnreadableDocument) as refused:
        Archive(data, "a box").part("a.xml")
    return refused.value.reason


def test_parts_are_had_by_name() -> None:
    parts = Archive(zipped({"a.xml": "<a/>", "b/c.xml": "<c/>"}), "a box")
    assert (parts.part("b/c.xml"), parts.names()) == (b"<c/>", ["a.xml", "b/c.xml"])
    assert "a.xml" in parts
    assert "d.xml" not in parts


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04 and no more", b"words", bytes(100)])
def test_what_is_no_zip_file_is_broken(data: bytes) -> None:
    assert _reason(data) == "a box that is broken"


def test_a_part_that_is_not_there_is_missed() -> None:
    assert _reason(zipped({"b.xml": ""})) == "a box that is broken"


def test_a_zip_file_with_a_password_says_so() -> None:
    data = bytearray(zipped({"a.xml": "secret"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert _reason(bytes(data)) == "a box that needs a password"


def test_a_file_that_unpacks_to_too_much_is_never_unpacked() -> None:
    data = zipped({"a.xml": bytes(60 * MEGABYTE)})
    assert _reason(data) == f"it unpacks to {60 * MEGABYTE // len(data)} times its size"
    many = zipped({f"{n}.xml": "" for n in range(archive.MEMBERS_LIMIT + 1)})
    assert _reason(many) == "it unpacks to 10001 files"


def test_sizes_are_added_up_before_any_is_believed() -> None:
    data = bytearray(zipped({"a.xml": "x", "b.xml": "y"}))
    for at in (data.index(b"PK\x01\x02"), data.rindex(b"PK\x01\x02")):
        data[at + 24 : at + 28] = struct.pack("<I", archive.UNPACKED_LIMIT_BYTES)
    assert _reason(bytes(data)) == "it unpacks to 800000000 bytes"


def test_a_part_is_no_longer_than_its_file_says() -> None:
    data = bytearray(zipped({"a.xml": bytes(5 * MEGABYTE)}))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    assert _reason(bytes(data)) == "a box that is broken"


@pytest.mark.parametrize("method", [ZIP_DEFLATED, ZIP_BZIP2, ZIP_LZMA])
def test_a_damaged_part_is_refused_however_it_is_packed(method: int) -> None:
    stream = BytesIO()
    with ZipFile(stream, "w", method) as packing:
        packing.writestr("a.xml", "<a/>" * 100)
    data = bytearray(stream.getvalue())
    for at in range(data.index(b"a.xml") + len("a.xml"), data.index(b"PK\x01\x02")):
        damaged = data.copy()
        damaged[at] ^= 0xFF
        with suppress(UnreadableDocument):
            assert Archive(bytes(damaged), "a box").part("a.xml") == b"<a/>" * 100


def test_a_cut_off_file_is_refused() -> None:
    whole = zipped({"a.xml": "<a/>" * 100})
    for end in range(len(whole)):
        with suppress(UnreadableDocument):
            assert Archive(whole[:end], "a box").part("a.xml") == b"<a/>" * 100
