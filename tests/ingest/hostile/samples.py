"""One whole small file of each format that has a reader of its own."""

import json
from collections.abc import Mapping

from tests.documents.readers import packages
from tests.documents.readers.pdfs import pdf

WORDS = "The lamp of the lighthouse is lit at dusk by its keeper."
NOTEBOOK = {
    "nbformat": 4,
    "cells": [
        {"cell_type": "markdown", "source": ["# Lamps\n", WORDS]},
        {"cell_type": "code", "source": "lit = True", "outputs": []},
    ],
}


def samples() -> Mapping[str, bytes]:
    """By suffix."""
    return {
        "pdf": pdf(WORDS, WORDS),
        "docx": packages.word(packages.paragraph(WORDS) * 20),
        "pptx": packages.presentation(packages.shape(WORDS, kind="body")),
        "xlsx": packages.workbook(S=packages.row(1, WORDS) + packages.row(2, WORDS)),
        "odt": packages.open_document("text", f"<text:p>{WORDS}</text:p>" * 20),
        "epub": packages.book({"1.xhtml": f"<h1>Lamps</h1><p>{WORDS}</p>"}),
        "rtf": f"{{\\rtf1\\ansi {WORDS}\\par {WORDS}}}".encode(),
        "eml": f"Subject: Lamps\nFrom: a@example.org\n\n{WORDS}\n".encode(),
        "ipynb": json.dumps(NOTEBOOK).encode(),
        "html": f"<title>Lamps</title><h1>Lamps</h1><p>{WORDS}</p>".encode(),
    }
