import os
from pathlib import Path

import pytest

from tests.documents.readers import packages
from tests.documents.readers.pdfs import SCAN, pdf
from trinax.documents import languages
from trinax.documents.opening import Place
from trinax.documents.reading import READERS, document, read
from trinax.errors import UnreadableDocument

LIMIT = 10_000


def _reason(path: Path) -> str:
    with pytest.raises(UnreadableDocument) as refused:
        read(Place(path.parent, path.name), path.name, LIMIT)
    assert str(path.parent) not in str(refused.value)
    return refused.value.reason


def test_text_comes_out_character_for_character(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"\xef\xbb\xbf# Title\r\n\r\ntext\r")
    found = read(Place(path.parent, path.name), "docs/a.md", LIMIT)
    assert (found.file, found.kind, found.title) == ("docs/a.md", "markdown", "Title")
    assert (found.text, found.exact, found.bom_bytes) == ("# Title\r\n\r\ntext\r", True, 3)


def test_an_empty_file_is_an_empty_document(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.touch()
    assert read(Place(path.parent, path.name), "a.txt", LIMIT).text == ""


def test_a_file_without_suffix_is_told_by_its_shebang(tmp_path: Path) -> None:
    path = tmp_path / "tool"
    path.write_text("#!/usr/bin/env python3\nprint()\n")
    assert read(Place(path.parent, path.name), "tool", LIMIT).kind == "python"


def test_a_web_page_is_extracted(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes("<meta charset=latin-1><title>T</title><p>café".encode("latin-1"))
    found = read(Place(path.parent, path.name), "a.html", LIMIT)
    assert (found.kind, found.title, found.text) == ("html", "T", "café")
    assert (found.exact, found.encoding) == (False, "utf-8")


def test_a_pdf_is_extracted_with_its_pages(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf("One.", "Two."))
    found = read(Place(path.parent, path.name), "paper.pdf", LIMIT)
    assert (found.kind, found.title, found.text) == ("pdf", "paper", "One.\n\nTwo.")
    assert (found.exact, found.pages) == (False, (0, 6))


def test_the_largest_file_allowed_is_read_and_one_more_byte_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * LIMIT)
    assert len(read(Place(path.parent, path.name), "a.txt", LIMIT).text) == LIMIT
    path.write_bytes(b"x" * (LIMIT + 1))
    assert _reason(path) == "larger than 10000 bytes"


def test_what_vanished_is_refused(tmp_path: Path) -> None:
    assert _reason(tmp_path / "gone.txt") == "it vanished before it was read"


def test_what_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("x")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert _reason(path) == "permission denied"


def test_folders_and_pipes_are_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    os.mkfifo(tmp_path / "pipe.txt")
    assert _reason(tmp_path / "folder.txt") == "it could not be read: not a regular file"
    assert _reason(tmp_path / "pipe.txt") == "it could not be read: not a regular file"


def test_names_and_bytes_of_binary_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"text, really")
    (tmp_path / "data.txt").write_bytes(b"a\0b")
    assert _reason(tmp_path / "photo.jpg") == "binary, as .jpg files are"
    assert _reason(tmp_path / "data.txt") == "binary: it contains NUL bytes"


def test_a_broken_pdf_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 nothing")
    assert _reason(tmp_path / "a.pdf") == "a broken PDF"


def test_a_pdf_says_what_of_it_is_missing(tmp_path: Path) -> None:
    assert document(pdf("One.", SCAN), "a.pdf").missing.startswith("page 2 is a picture")
    assert document(pdf("One."), "a.pdf").missing == ""


def test_every_kind_that_is_extracted_has_a_reader() -> None:
    assert READERS.keys() == languages.READ_AS_MARKDOWN | {"pdf"}


@pytest.mark.parametrize(
    ("file", "data", "title", "text"),
    [
        ("a.docx", packages.word(packages.paragraph("Words.")), "The Title", "Words."),
        ("a.pptx", packages.presentation(packages.shape("x")), "The Deck", "# Slide 1\n\nx"),
        ("a.xlsx", packages.workbook(S=packages.row(1, "x")), "The Numbers", "# S\n\n| x |"),
        ("a.odt", packages.open_document("text", ""), "The Title", ""),
        ("a.odp", packages.open_document("presentation", ""), "The Title", ""),
        ("a.epub", packages.book({"1.xhtml": "Words."}), "The Book", "Words."),
        ("a.eml", b"Subject: The news\n\nWords.", "The news", "# The news\n\nWords."),
        ("a.mbox", b"From a\nSubject: The news\n\nWords.", "a", "# The news\n\nWords."),
        ("a.rtf", rb"{\rtf1 Words.}", "a", "Words."),
    ],
)
def test_every_format_is_extracted_with_its_title(
    file: str, data: bytes, title: str, text: str
) -> None:
    found = document(data, file)
    assert (found.title, found.text, found.exact) == (title, text, False)
    assert found.missing == ("" if text else "it holds no text")
    assert found == document(data, file)


def test_the_first_heading_is_the_title_where_there_is_no_other() -> None:
    assert document(rb"{\rtf1\outlinelevel0 A heading\par text}", "a.rtf").title == "A heading"
    sheet = packages.open_document("spreadsheet", "")
    assert document(sheet, "numbers.ods").title == "The Title"


def test_slides_are_pages() -> None:
    found = document(packages.presentation(packages.shape("x"), packages.shape("y")), "a.pptx")
    assert found.pages == (0, len("# Slide 1\n\nx\n\n"))
