from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from tests.documents.readers.pdfs import ENCRYPTED, SCAN, pdf
from trinax.documents.readers.pdf import pages
from trinax.errors import UnreadableDocument


def test_every_page_starts_where_its_offset_says() -> None:
    found = pages(pdf("First page.\nTwo lines.", "Second page."))
    assert found.text == "First page.\nTwo lines.\n\nSecond page."
    assert [found.text[offset:][:6] for offset in found.pages] == ["First ", "Second"]


def test_a_page_without_text_keeps_its_number() -> None:
    found = pages(pdf("", "Second."))
    assert (found.text[found.pages[1] :], len(found.pages)) == ("Second.", 2)


def test_the_title_comes_from_the_metadata() -> None:
    assert pages(pdf("text", title="A Fine  Title")).title == "A Fine Title"


@pytest.mark.parametrize(
    ("scanned", "missing"),
    [
        ({2}, "page 2 is a picture"),
        ({1, 2, 3, 5, 7, 8}, "pages 1–3, 5, 7–8 are pictures"),
        ({2, 4}, "pages 2, 4 are pictures"),
    ],
)
def test_scanned_pages_among_others_are_named(scanned: set[int], missing: str) -> None:
    found = pages(pdf(*(SCAN if number in scanned else "Words." for number in range(1, 10))))
    assert found.missing == f"{missing}: scanned pages need OCR first"
    assert len(found.pages) == 9


def test_a_stamp_on_a_scanned_page_is_not_its_text() -> None:
    found = pages(pdf("Words.", f"{SCAN}Page 2 of 2"))
    assert found.text == "Words.\n\nPage 2 of 2"
    assert found.missing.startswith("page 2 is a picture")


def test_text_over_a_picture_and_a_blank_page_are_whole() -> None:
    lines = "\n".join(["What OCR has read in the picture below."] * 3)
    assert pages(pdf(SCAN + lines, "")).missing == ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "a broken PDF"),
        (b"%PDF-1.4 nonsense", "a broken PDF"),
        (pdf(""), "a PDF without text"),
        (pdf(SCAN, ""), "a PDF without text: scanned pages need OCR first"),
        (pdf("secret", trailer=ENCRYPTED), "a PDF that needs a password"),
    ],
)
def test_what_gives_no_text_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=f"^{reason}$"):
        pages(data)


def test_a_cut_off_file_is_read_or_refused() -> None:
    whole = pdf("some text", "more")
    for end in range(0, len(whole), 50):
        with suppress(UnreadableDocument):
            assert "some text" in pages(whole[:end]).text


def test_threads_may_read_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(lambda n: pages(pdf(f"Number {n}.")).text, range(100)))
    assert texts == [f"Number {n}." for n in range(100)]
