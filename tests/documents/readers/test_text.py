import codecs

import pytest

from trinax.documents.readers.text import decoded
from trinax.errors import UnreadableDocument

NASTY = "\ufefflead\r\nCR only\rtab\tff\x0cvt\x0bnel\x85ls\u2028 e\u0301 🙂 日本語 \u200d end \r\n"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_unicode_text_gives_back_its_bytes(mark: bytes, encoding: str) -> None:
    data = mark + NASTY[1:].encode(encoding)
    found = decoded(data)
    assert (found.text, found.encoding, found.bom_bytes) == (NASTY[1:], encoding, len(mark))
    assert data[found.bom_bytes :] == found.text.encode(found.encoding)


def test_a_second_byte_order_mark_is_text() -> None:
    assert decoded(codecs.BOM_UTF8 + NASTY.encode()).text == NASTY


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("# -*- coding: iso-8859-15 -*-\nprice = '5 €'\n", "iso8859-15"),
        ('<meta charset="windows-1251">Привет', "cp1251"),
        ('<?xml version="1.0" encoding="Shift_JIS"?><a>日本語</a>', "shift_jis"),
    ],
)
def test_a_file_may_name_its_encoding(text: str, encoding: str) -> None:
    found = decoded(text.encode(encoding))
    assert (found.text, found.encoding) == (text, encoding)


def test_a_false_name_is_not_believed() -> None:
    assert decoded("# coding: ascii\ncafé\n".encode()).text == "# coding: ascii\ncafé\n"
    assert decoded("# coding: unheard-of\ncafé\n".encode("cp1252")).text.endswith("café\n")


def test_short_legacy_text_is_western() -> None:
    assert decoded("Übergröße – naïve".encode("cp1252")).text == "Übergröße – naïve"


def test_longer_legacy_text_is_told_by_its_letters() -> None:
    text = "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 5
    assert decoded(text.encode("cp1251")).text == text


def test_bytes_that_no_table_knows_come_back_all_the_same() -> None:
    data = b"caf\xe9 \x81\x8d"  # unassigned in cp1252
    found = decoded(data)
    assert found.text.encode(found.encoding) == data


def test_an_empty_file_is_an_empty_text() -> None:
    assert decoded(b"").text == ""
    assert decoded(codecs.BOM_UTF8).text == ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04\x00\x00", "binary: it contains NUL bytes"),
        (b"\x89\x01\x02\x03\xff\xfe\x05\x06", "binary, or text in an unknown encoding"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8", "its byte order mark says utf-16-le, its bytes do not"),
        (codecs.BOM_UTF8 + b"\xff", "its byte order mark says utf-8, its bytes do not"),
    ],
)
def test_what_is_no_text_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=f"^{reason}$"):
        decoded(data)
