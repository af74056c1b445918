"""PDF files, page by page, by PDFium."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from trinax.errors import UnreadableDocument

# PDFium keeps state of its own for the whole process: one caller at a time, whoever calls.
PDFIUM = Lock()

REASONS = {
    pdfium_c.FPDF_ERR_PASSWORD: "a PDF that needs a password",
    pdfium_c.FPDF_ERR_SECURITY: "a PDF with an unknown kind of encryption",
}
BROKEN = "a broken PDF"

PAGE_BREAK = "\n\n"

# PDFium's mark for a hyphen that only a line end made necessary.
HYPHENATION = re.compile(r"[\ufffe\x02]\s*")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Pages:
    """text of all pages; offsets: where each begins in it; title: from the metadata or ""."""

    text: str
    offsets: tuple[int, ...]
    title: str


def pages(data: bytes) -> Pages:
    """The text of a PDF. Safe from any thread.

    Raises UnreadableDocument if it is broken, encrypted, or holds no text.
    """
    try:
        with PDFIUM, pdfium.PdfDocument(data) as document:
            texts = list(_texts(document))
            title = str(document.get_metadata_value("Title"))
    except pdfium.PdfiumError as exc:
        raise UnreadableDocument(REASONS.get(exc.err_code, BROKEN)) from exc
    if not any(texts):
        raise UnreadableDocument("a PDF without text: scanned pages need OCR first")
    offsets: list[int] = []
    position = 0
    for text in texts:
        offsets.append(position)
        position += len(text) + len(PAGE_BREAK)
    return Pages(PAGE_BREAK.join(texts), tuple(offsets), " ".join(title.split()))


def _texts(document: pdfium.PdfDocument) -> Iterator[str]:
    for page in document:
        textpage = page.get_textpage()
        text = textpage.get_text_bounded().replace("\r\n", "\n").replace("\r", "\n")
        textpage.close()
        page.close()
        yield UNPRINTABLE.sub(" ", HYPHENATION.sub("", text)).strip()
