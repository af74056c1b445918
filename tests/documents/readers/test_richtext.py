from contextlib import suppress

import pytest

from trinax.documents.readers.richtext import extracted
from trinax.errors import UnreadableDocument

STYLES = r"{\stylesheet{\s0\snext0 Normal;}{\s1\sb480\keepn Heading 1;}{\s12\i heading 3;}}"


def _rtf(body: str) -> bytes:
    return rf"{{\rtf1\ansi\ansicpg1252\deff0 {body}}}".encode("cp1252")


def _read(body: str) -> str:
    return extracted(_rtf(body)).text


def test_headings_are_known_by_the_names_of_their_styles() -> None:
    body = r"\pard\plain \s1\ql{Top}\par\pard\plain \s0 text\par\pard\plain\s12 Deep\par\s1\par"
    assert _read(STYLES + body) == "# Top\n\ntext\n\n### Deep"


def test_headings_are_known_by_their_place_in_the_outline() -> None:
    assert _read(r"\pard\outlinelevel1\b Part\par\pard text\par") == "## Part\n\ntext"


def test_lists_and_paragraphs_stay_apart() -> None:
    item = r"\pard{{\listtext\pard\plain \'b7\tab}}{0}\par"
    body = rf"before\par {item.format('one')}{item.format('two')}\pard after\par"
    assert _read(body) == "before\n\n- one\n- two\n\nafter"


def test_a_table_is_rows_between_bars() -> None:
    body = r"\trowd Name\cell Size\cell\row\trowd a\cell 1\cell\row\pard after\par"
    assert _read(body) == "| Name | Size |\n| a | 1 |\n\nafter"


def test_footnotes_stand_at_the_end_under_their_number() -> None:
    one = r"{\super\chftn}{\footnote\pard\plain{\super\chftn} small {\b print}\par}"
    two = r"{\*\footnote\ftnalt other}"
    body = rf"One{one} more.\par Two{two}\par"
    assert _read(body) == "One[1] more.\n\nTwo[2]\n\n- [1] small print\n- [2] other"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"\'dcber \u8211? na\u239\'efve", "Über – naïve"),
        (r"\u-10179?\u-8694?", "😊"),
        ("\u00dc raw", "Ü raw"),
        (r"\{braces\} and \\", "{braces} and \\"),
        (r"a\tab b\line c", "a\tb\n\nc"),
        (r'{\field{\*\fldinst{HYPERLINK "https://example.org"}}{\fldrslt{here}}}', "here"),
        (r"{\pict\pngblip 89504e47}seen{\*\generator x}", "seen"),
    ],
)
def test_characters_come_out_as_shown(written: str, read: str) -> None:
    assert _read(written) == read


def test_another_code_page_is_decoded() -> None:
    hello = rb"\'cf\'f0\'e8\'e2\'e5\'f2"
    head = rb"{\rtf1\ansi\ansicpg1251{\info{\title " + hello + b"}}"
    found = extracted(head + hello + rb"{\footnote " + hello + b"}}")
    assert (found.title, found.text) == ("Привет", "Привет[1]\n\n- [1] Привет")


def test_the_title_comes_from_the_metadata() -> None:
    assert extracted(_rtf(r"{\info{\title Gr\'f6\'dfe}{\author x}}text")).title == "Größe"


@pytest.mark.parametrize("data", [b"", b"words", b"\xd0\xcf\x11\xe0", b"PK\x03\x04"])
def test_what_is_no_rtf_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match=r"^an RTF file that is none$"):
        extracted(data)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["{", "{\\b ", "{\\footnote ", "\\u99999999 ", "}", "\\bin "])
def test_hostile_files_are_read_or_refused(piece: str) -> None:
    with suppress(UnreadableDocument):
        extracted(b"{\\rtf1 " + piece.encode() * 50_000 + b"deep")


def test_a_cut_off_file_is_read() -> None:
    whole = _rtf(STYLES + r"\pard\s1 some text\par")
    assert extracted(whole[:-5]).text == "# some text"
