"""PDF files, page by page, by PDFium."""

import re
from collections.abc import Sequence
from itertools import pairwise
from threading import Lock

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from trinax.documents.readers.extracted import Extracted, paged, words
from trinax.errors import UnreadableDocument

# PDFium keeps state of its own for the whole process: one caller at a time, whoever calls.
PDFIUM = Lock()

REASONS = {
    pdfium_c.FPDF_ERR_PASSWORD: "a PDF that needs a password",
    pdfium_c.FPDF_ERR_SECURITY: "a PDF with an unknown kind of encryption",
}
BROKEN = "a broken PDF"

SCANNED = "scanned pages need OCR first"

# Beside so few characters, a number or a stamp, a picture over so much of the page is the page.
STAMP_CHARACTERS = 60
PICTURE_SHARE = 0.8

# PDFium's mark for a hyphen that only a line end made necessary.
HYPHENATION = re.compile(r"[\ufffe\x02]\s*")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def pages(data: bytes) -> Extracted:
    """The text of a PDF. Safe from any thread.

    Raises UnreadableDocument if it is broken, encrypted, or holds no text.
    """
    texts: list[str] = []
    scanned: list[int] = []
    try:
        with PDFIUM, pdfium.PdfDocument(data) as document:
            title = words(str(document.get_metadata_value("Title")))
            for number, page in enumerate(document, 1):
                text = _text(page)
                texts.append(text)
                if len(text) <= STAMP_CHARACTERS and _is_picture(page, text):
                    scanned.append(number)
                page.close()
    except pdfium.PdfiumError as exc:
        raise UnreadableDocument(REASONS.get(exc.err_code, BROKEN)) from exc
    if not any(texts):
        raise UnreadableDocument("a PDF without text" + (f": {SCANNED}" if scanned else ""))
    return paged(texts, title, f"{_listed(scanned)}: {SCANNED}" if scanned else "")


def _text(page: pdfium.PdfPage) -> str:
    textpage = page.get_textpage()
    text = textpage.get_text_bounded().replace("\r\n", "\n").replace("\r", "\n")
    textpage.close()
    return UNPRINTABLE.sub(" ", HYPHENATION.sub("", text)).strip()


def _is_picture(page: pdfium.PdfPage, text: str) -> bool:
    """Whether there is nothing to see but pictures, or one picture below a word or two."""
    boxes = [found.get_bounds() for found in page.get_objects([pdfium_c.FPDF_PAGEOBJ_IMAGE])]
    width, height = page.get_size()
    covered = sum((right - left) * (top - low) for left, low, right, top in boxes)
    return bool(boxes) and (not text or covered >= PICTURE_SHARE * width * height)


def _listed(numbers: Sequence[int]) -> str:
    """As "pages 2, 4–6 are pictures"."""
    starts = [numbers[0], *(after for before, after in pairwise(numbers) if after > before + 1)]
    ends = [*(before for before, after in pairwise(numbers) if after > before + 1), numbers[-1]]
    runs = [f"{a}–{b}" if a < b else f"{a}" for a, b in zip(starts, ends, strict=True)]
    if len(numbers) == 1:
        return f"page {runs[0]} is a picture"
    return f"pages {', '.join(runs)} are pictures"
