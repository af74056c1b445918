from contextlib import suppress

import pytest

from tests.documents.readers.packages import ENTITIES, open_document, zipped
from trinax.documents.readers.opendocument import presentation, text
from trinax.errors import UnreadableDocument


def _p(words: str) -> str:
    return f"<text:p>{words}</text:p>"


def _h(words: str, level: int) -> str:
    return f'<text:h text:outline-level="{level}">{words}</text:h>'


def _list(*items: str) -> str:
    listed = "".join(f"<text:list-item>{item}</text:list-item>" for item in items)
    return f"<text:list>{listed}</text:list>"


def _row(*cells: str) -> str:
    listed = "".join(f"<table:table-cell>{_p(cell)}</table:table-cell>" for cell in cells)
    return f"<table:table-row>{listed}</table:table-row>"


def _frame(kind: str, body: str) -> str:
    box = f"<draw:text-box>{body}</draw:text-box>"
    return f'<draw:frame presentation:class="{kind}">{box}</draw:frame>'


def _read(body: str) -> str:
    return text(open_document("text", body)).text


def test_headings_keep_their_level() -> None:
    assert _read(_h("Über", 1) + _p("x") + _h("日本 🙂", 3)) == "# Über\n\nx\n\n### 日本 🙂"


def test_the_title_paragraph_is_a_heading_by_its_own_or_its_styles_parent() -> None:
    style = '<style:style style:name="P9" style:parent-style-name="Title"/>'
    for name in ("Title", "P9"):
        assert _read(style + f'<text:p text:style-name="{name}">T</text:p>') == "# T"


def test_lists_nest() -> None:
    body = _p("before") + _list(_p("one"), _p("two") + _list(_p("in"))) + _p("after")
    assert _read(body) == "before\n\n- one\n- two\n  - in\n\nafter"


def test_a_numbered_heading_is_no_item() -> None:
    assert _read(_list(_h("Part", 2)) + _p("x")) == "## Part\n\nx"


def test_a_table_is_rows_between_bars() -> None:
    assert (
        _read(f"<table:table>{_row('Name', 'Size')}{_row('a', '1')}</table:table>")
        == "| Name | Size |\n| a | 1 |"
    )


def test_footnotes_stand_at_the_end_under_their_number() -> None:
    note = (
        "<text:note><text:note-citation>*</text:note-citation><text:note-body>"
        "<text:p>small</text:p><text:p>print</text:p></text:note-body></text:note>"
    )
    assert _read(_p(f"One{note} more.") + _p("Two")) == "One[1] more.\n\nTwo\n\n- [1] small print"


def test_blanks_are_words_apart_and_markup_is_text() -> None:
    assert (
        _read(_p("a<text:tab/>b<text:s text:c='3'/>c<text:line-break/>d &lt;b&gt;"))
        == "a b c\nd <b>"
    )


def test_what_is_not_on_the_page_is_left_out() -> None:
    hidden = "".join(
        f"<{name}>{_p('hidden')}</{name}>"
        for name in ("text:tracked-changes", "text:table-of-content", "office:annotation")
    )
    assert _read(f"{hidden}<office:binary-data>AAAA</office:binary-data>{_p('seen')}") == "seen"


def test_every_slide_is_a_page_under_its_title() -> None:
    notes = f"<presentation:notes>{_frame('notes', _p('Say this.'))}</presentation:notes>"
    slides = (
        _frame("title", _p("First")) + _frame("outline", _list(_p("one"), _p("two"))) + notes,
        _frame("title", _p("")) + _frame("page-number", _p("2")),
        _frame("", _p("No title")),
    )
    found = presentation(
        open_document(
            "presentation", "".join(f"<draw:page>{slide}</draw:page>" for slide in slides)
        )
    )
    assert found.text.split("\n\n") == [
        *("# First", "- one\n- two", "Notes: Say this.", "", "# Slide 3", "No title")
    ]
    assert [found.text[at:][:4] for at in found.pages] == ["# Fi", "\n\n# ", "# Sl"]


def test_the_title_comes_from_the_metadata() -> None:
    assert text(open_document("text", "")).title == "The Title"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "an OpenDocument file that is broken"),
        (zipped({"a.txt": "no parts"}), "an OpenDocument file that is broken"),
        (
            open_document("text", "", "<encryption-data/>"),
            "an OpenDocument file that needs a password",
        ),
        (open_document("text", "<text:p>"), "its XML is broken"),
        (
            open_document("text", "&b;", prolog=ENTITIES),
            "its XML declares entities, which can grow without end",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    for read in (text, presentation):
        with pytest.raises(UnreadableDocument, match=f"^{reason}$"):
            read(data)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("tag", ["text:p", "text:list", "table:table", "text:note", "text:section"])
def test_a_text_that_nests_without_end_is_read(tag: str) -> None:
    depth = 3_000
    assert "deep" in _read(f"<{tag}>" * depth + _p("deep") + f"</{tag}>" * depth)


def test_a_cut_off_file_is_refused() -> None:
    whole = open_document("text", _p("some text"))
    for end in range(0, len(whole), 40):
        with suppress(UnreadableDocument):
            assert "some text" in text(whole[:end]).text
