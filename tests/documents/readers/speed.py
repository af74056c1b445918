"""How fast every format is read: python -m tests.documents.readers.speed"""

import time
from collections.abc import Mapping

from tests.documents.readers import packages
from tests.documents.readers.pdfs import pdf
from trinax.documents.reading import document

# Some 200 pages of 3 000 characters, a heading each.
PAGES = 200
SENTENCE = "The quick brown fox, number {}, jumps over the lazy dog near the river bank. "
PARAGRAPH = "".join(SENTENCE.format(number) for number in range(8))
PARAGRAPHS = [PARAGRAPH] * 5

ROWS = 20_000
ROUNDS = 3


def files() -> Mapping[str, bytes]:
    """By name: the same words in every format."""
    numbers = range(PAGES)
    heading = '<w:pStyle w:val="Heading1"/>'
    paragraphs = "".join(f"<text:p>{PARAGRAPH}</text:p>" for _ in PARAGRAPHS)
    html = "".join(f"<p>{PARAGRAPH}</p>" for _ in PARAGRAPHS)
    cells = (f"name {PARAGRAPH[:20]}", "<c><v>3.5</v></c>", "<c><v>17</v></c>", "word")
    rtf = "".join(
        rf"\pard\outlinelevel0 Part {n}\par\pard " + "\\par ".join(PARAGRAPHS) + "\\par"
        for n in numbers
    )
    return {
        "pages.docx": packages.word(
            "".join(
                packages.paragraph(f"Part {n}", heading)
                + "".join(map(packages.paragraph, PARAGRAPHS))
                for n in numbers
            )
        ),
        "pages.odt": packages.open_document(
            "text",
            "".join(
                f'<text:h text:outline-level="1">Part {n}</text:h>{paragraphs}' for n in numbers
            ),
        ),
        "pages.pptx": packages.presentation(
            *(
                packages.shape(f"Part {n}", kind="title") + packages.shape(*PARAGRAPHS, kind="body")
                for n in numbers
            )
        ),
        "pages.epub": packages.book({f"{n}.xhtml": f"<h1>Part {n}</h1>{html}" for n in numbers}),
        "pages.rtf": f"{{\\rtf1\\ansi {rtf}}}".encode(),
        "pages.eml": b"Subject: Part\n\n" + "\n\n".join(PARAGRAPHS * PAGES).encode(),
        "pages.html": "".join(f"<h1>Part {n}</h1>{html}" for n in numbers).encode(),
        "pages.pdf": pdf(
            *(
                "\n".join(PARAGRAPH[at : at + 80] for at in range(0, len(PARAGRAPH), 80)) * 5
                for _ in numbers
            )
        ),
        f"{ROWS} rows.xlsx": packages.workbook(
            S="".join(packages.row(n, *cells) for n in range(1, ROWS + 1))
        ),
    }


def main() -> None:
    print(f"{'file':16} {'file MB':>8} {'text MB':>8} {'s':>6} {'text MB/s':>10}")
    for name, data in files().items():
        seconds = []
        for _ in range(ROUNDS):
            began_s = time.perf_counter()
            text = document(data, name).text
            seconds.append(time.perf_counter() - began_s)
        size, best = len(text.encode()) / 1e6, min(seconds)
        print(f"{name:16} {len(data) / 1e6:8.2f} {size:8.2f} {best:6.2f} {size / best:10.1f}")


if __name__ == "__main__":
    main()
