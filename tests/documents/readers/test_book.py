from contextlib import suppress

import pytest

from tests.documents.readers.packages import ENTITIES, book, zipped
from trinax.documents.readers.book import extracted
from trinax.errors import UnreadableDocument

ENTRY = "<navPoint><navLabel><text>{}</text></navLabel><content src='{}'/></navPoint>"


def _encryption(algorithm: str) -> dict[str, str]:
    method = f'<e><EncryptionMethod Algorithm="{algorithm}"/></e>'
    return {"META-INF/encryption.xml": method}


def test_chapters_come_in_reading_order_with_their_headings() -> None:
    found = extracted(
        book({"z.xhtml": "<h1>Eins</h1><p>日本", "a b.xhtml": "<h2>Zwei</h2><ul><li>x<li>y</ul>"})
    )
    assert found.text == "# Eins\n\n日本\n\n## Zwei\n\n- x\n- y"
    assert found.title == "The Book"


def test_a_chapter_without_heading_is_called_as_in_the_contents() -> None:
    chapters = {"1.xhtml": "<p>Words.", "2.xhtml": "<h3>Its own</h3>", "3.xhtml": "<p>Three<p>x"}
    contents = "".join(
        ENTRY.format(name, file)
        for name, file in (
            *(("One", "text/1.xhtml"), ("Inside one", "text/1.xhtml#p2")),
            *(("Two", "text/2.xhtml"), ("Three", "text/3.xhtml#top")),
        )
    )
    found = extracted(book(chapters, contents)).text
    assert found == "# One\n\nWords.\n\n### Its own\n\n# Three\n\nx"


def test_the_contents_of_newer_books_name_the_chapters_and_are_none() -> None:
    nav = "<nav><ol><li><a href='1.xhtml'>One <i>by</i> one</a></li></ol></nav>"
    package = (
        '<package><manifest><item id="n" href="text/nav.xhtml" properties="nav"'
        ' media-type="application/xhtml+xml"/>'
        '<item id="c" href="text/1.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="n"/><itemref idref="c"/></spine></package>'
    )
    chapters = {"nav.xhtml": nav, "1.xhtml": "<p>Words."}
    found = extracted(book(chapters, more={"OEBPS/book.opf": package})).text
    assert found == "# One by one\n\nWords."


def test_pictures_and_missing_files_in_the_order_are_passed_over() -> None:
    package = (
        '<package><manifest><item id="a" href="cover.svg" media-type="image/svg+xml"/>'
        '<item id="b" href="gone.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="c" href="text/1.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/><itemref idref="b"/><itemref idref="c"/><itemref idref="d"/>'
        "</spine></package>"
    )
    more = {"OEBPS/book.opf": package, "OEBPS/cover.svg": "<svg><text>no</text></svg>"}
    assert extracted(book({"1.xhtml": "<p>Words."}, more=more)).text == "Words."


def test_broken_contents_cost_only_the_names() -> None:
    assert extracted(book({"1.xhtml": "<p>Words."}, "<navPoint>&nbsp;")).text == "Words."


def test_hidden_fonts_are_no_copy_protection() -> None:
    more = _encryption("http://www.idpf.org/2008/embedding")
    assert extracted(book({"1.xhtml": "<p>Words."}, more=more)).text == "Words."


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "a book that is broken"),
        (zipped({"a.txt": "no parts"}), "a book that is broken"),
        (zipped({"META-INF/container.xml": "<container/>"}), "a book that is broken"),
        (
            book({}, more=_encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc")),
            "a book with copy protection",
        ),
        (
            book({}, more={"OEBPS/book.opf": f"{ENTITIES}<x>&b;</x>"}),
            "its XML declares entities, which can grow without end",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=f"^{reason}$"):
        extracted(data)


def test_a_cut_off_file_is_refused() -> None:
    whole = book({"1.xhtml": "<p>some text"})
    for end in range(0, len(whole), 40):
        with suppress(UnreadableDocument):
            assert "some text" in extracted(whole[:end]).text
