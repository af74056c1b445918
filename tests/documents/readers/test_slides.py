from contextlib import suppress

import pytest

from tests.documents.readers.packages import (
    COMPOUND,
    ENCRYPTED,
    ENTITIES,
    presentation,
    shape,
    zipped,
)
from trinax.documents.readers.slides import extracted
from trinax.errors import UnreadableDocument

TITLE = shape("A title", kind="title")


def _line(text: str, level: int) -> str:
    return f'<a:p><a:pPr lvl="{level}"/><a:r><a:t>{text}</a:t></a:r></a:p>'


def test_every_slide_is_a_page_under_its_title_in_the_order_shown() -> None:
    found = extracted(
        presentation(shape("Erste", kind="ctrTitle"), "", shape("日本", kind="title"))
    )
    assert found.text == "# Erste\n\n\n\n# 日本"
    assert [found.text[at:][:3] for at in found.pages] == ["# E", "\n\n#", "# 日"]
    assert found.title == "The Deck"


def test_a_slide_without_title_is_called_by_its_number() -> None:
    assert extracted(presentation(TITLE, shape("words"))).text.endswith("# Slide 2\n\nwords")


def test_content_is_a_list_and_a_text_box_is_not() -> None:
    body = shape("one", _line("in", 1), "two", kind="body")
    found = extracted(presentation(body + TITLE + shape("aside", "below")))
    assert found.text == "# A title\n\n- one\n  - in\n- two\n\naside\n\nbelow"


def test_a_table_is_rows_between_bars() -> None:
    rows = "".join(
        f"<a:tr><a:tc>{_line(a, 0)}</a:tc><a:tc>{_line(b, 0)}{_line('more', 0)}</a:tc></a:tr>"
        for a, b in (("Name", "Size"), ("a|b", "1"))
    )
    frame = f"<p:graphicFrame><a:tbl>{rows}</a:tbl></p:graphicFrame>"
    found = extracted(presentation(TITLE + frame + shape("after"))).text
    assert found == "# A title\n\n| Name | Size more |\n| a\\|b | 1 more |\n\nafter"


def test_notes_and_diagrams_belong_to_their_slide() -> None:
    related = {
        "notesSlide": shape("Remember this.", "And that.", kind="body") + shape("7", kind="sldNum"),
        "diagramData": f"<p:pt><p:t>{_line('Box', 0)}</p:t></p:pt>",
        "slideLayout": shape("Click to edit"),
    }
    found = extracted(presentation(TITLE, shape("other"), related=related)).text
    assert found.startswith("# A title\n\n- Box\n\nNotes: Remember this.\n\nAnd that.\n\n# Slide 2")


def test_what_repeats_on_every_slide_is_left_out() -> None:
    number = '<a:p><a:fld type="slidenum"><a:t>12</a:t></a:fld></a:p>'
    twice = f"<Choice>{shape('once')}</Choice><Fallback>{shape('once')}</Fallback>"
    found = extracted(presentation(TITLE + shape("ACME", kind="ftr") + shape(number) + twice))
    assert found.text == "# A title\n\nonce"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "a PowerPoint file that is broken"),
        (zipped({"a.txt": "no parts"}), "a PowerPoint file that is broken"),
        (COMPOUND, "a PowerPoint file in the old format: save it as .pptx"),
        (ENCRYPTED, "a PowerPoint file that needs a password"),
        (presentation("<p:sp>"), "its XML is broken"),
        (
            zipped({"ppt/presentation.xml": f"{ENTITIES}<x>&b;</x>"}),
            "its XML declares entities, which can grow without end",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=f"^{reason}$"):
        extracted(data)


@pytest.mark.timeout(20)
def test_a_slide_that_nests_without_end_is_read() -> None:
    depth = 100_000
    found = extracted(presentation("<p:grpSp>" * depth + shape("deep") + "</p:grpSp>" * depth))
    assert found.text == "# Slide 1\n\ndeep"


def test_a_cut_off_file_is_refused() -> None:
    whole = presentation(TITLE)
    for end in range(0, len(whole), 40):
        with suppress(UnreadableDocument):
            assert "A title" in extracted(whole[:end]).text
