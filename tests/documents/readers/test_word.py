from contextlib import suppress

import pytest

from tests.documents.readers.packages import COMPOUND, ENCRYPTED, ENTITIES, paragraph, word, zipped
from trinax.documents.readers.word import extracted
from trinax.errors import UnreadableDocument

ITEM = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="1"/></w:numPr>'
NUMBERING = (
    '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
)


def _style(name: str) -> str:
    return f'<w:pStyle w:val="{name}"/>'


def _cell(text: str) -> str:
    return f"<w:tc>{paragraph(text)}</w:tc>"


def test_headings_keep_their_level() -> None:
    found = extracted(
        word(paragraph("Über", _style("Heading1")) + paragraph("日本", _style("Heading3")))
    )
    assert found.text == "# Über\n\n### 日本"


def test_a_localised_heading_is_known_by_its_styles_name() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>'
    )
    assert (
        extracted(word(paragraph("Titel", _style("berschrift2")), styles=styles)).text == "## Titel"
    )


def test_lists_and_paragraphs_stay_apart() -> None:
    body = paragraph("before") + "".join(
        paragraph(text, ITEM.format(level)) for text, level in (("one", 0), ("two", 0), ("in", 1))
    )
    found = extracted(word(body + paragraph("after 🙂"), numbering=NUMBERING))
    assert found.text == "before\n\n- one\n- two\n  - in\n\nafter 🙂"


def test_a_table_is_rows_between_bars() -> None:
    rows = "".join(f"<w:tr>{_cell(a)}{_cell(b)}</w:tr>" for a, b in (("Name", "Size"), ("a", "1")))
    assert extracted(word(f"<w:tbl>{rows}</w:tbl>")).text == "| Name | Size |\n| a | 1 |"


def test_footnotes_stand_at_the_end_under_their_number() -> None:
    notes = "".join(
        f'<w:footnote w:id="{id}">{paragraph(text)}</w:footnote>'
        for id, text in ((7, "second in the file"), (3, "first"))
    )
    body = "".join(
        f'<w:p><w:r><w:t>{text}</w:t></w:r><w:r><w:footnoteReference w:id="{id}"/></w:r></w:p>'
        for text, id in (("One", 3), ("Two", 7))
    )
    found = extracted(word(body, footnotes=notes)).text
    assert found == "One[1]\n\nTwo[2]\n\n- [1] first\n- [2] second in the file"


def test_a_table_of_contents_and_what_was_deleted_are_left_out() -> None:
    styles = '<w:style w:type="paragraph" w:styleId="V1"><w:name w:val="toc 1"/></w:style>'
    deleted = "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
    body = paragraph("Chapter ... 3", _style("V1")) + deleted + paragraph("here")
    assert extracted(word(body, styles=styles)).text == "here"


def test_the_title_comes_from_the_metadata() -> None:
    assert extracted(word("")).title == "The Title"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "a Word file that is broken"),
        (b"PK\x03\x04", "a Word file that is broken"),
        (zipped({"a.txt": "no parts"}), "a Word file that is broken"),
        (COMPOUND, "a Word file in the old format: save it as .docx"),
        (ENCRYPTED, "a Word file that needs a password"),
        (word("<w:p>"), "its XML is broken"),
        (word("&b;", ENTITIES), "its XML declares entities, which can grow without end"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=f"^{reason}$"):
        extracted(data)


def test_a_file_that_nests_without_end_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="nests too deeply"):
        extracted(word("<w:sdt><w:sdtContent>" * 5000 + "</w:sdtContent></w:sdt>" * 5000))


def test_a_cut_off_file_is_refused() -> None:
    whole = word(paragraph("some text"))
    for end in range(0, len(whole), 40):
        with suppress(UnreadableDocument):
            assert "some text" in extracted(whole[:end]).text
