"""Files as clients attach them."""

from base64 import b64encode
from typing import Any

from tests.documents.readers.packages import paragraph, word
from tests.documents.readers.pdfs import pdf

NOTE = """\
# Boat notes

The boat of the harbour is called Aurora. It was built in 1931 in Bergen.

## Engine

Its engine was made by Sabb and has 18 horse power.
"""
ENGINE = "Who made the engine of the boat?"
PDF = pdf("The boat Aurora was built in 1931.", "Its engine was made by Sabb.")
DOCX = word(paragraph("The engine of the boat was made by Sabb."))
KINDS = {"notes.md": NOTE.encode(), "notes.pdf": PDF, "notes.docx": DOCX}
OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MEDIA_TYPES = {"notes.md": "text/markdown", "notes.pdf": "application/pdf", "notes.docx": OFFICE}


def note(name: str = "notes.md", text: str = NOTE) -> dict[str, Any]:
    return {"name": name, "text": text}


def packed(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "data": b64encode(content).decode()}


def url(name: str) -> str:
    """One of KINDS as a data URL."""
    return f"data:{MEDIA_TYPES[name]};base64,{b64encode(KINDS[name]).decode()}"


def part(name: str) -> dict[str, Any]:
    """One of KINDS as a part of a chat message."""
    return {"type": "file", "file": {"filename": name, "file_data": url(name)}}
