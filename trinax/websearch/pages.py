"""Fetched bytes and snippets as pages that can be ranked."""

import json
import subprocess
import sys
import time
from urllib.parse import urlsplit

import anyio

from trinax.documents import titles
from trinax.documents.readers import text
from trinax.documents.records import Document
from trinax.errors import UnreadableDocument
from trinax.retrieval.ephemeral import Page
from trinax.websearch.failures import PageFailed
from trinax.websearch.fetching import Fetched
from trinax.websearch.records import TITLE_CHARACTERS, Result

# A longer page counts by its beginning: more would keep the one who asks waiting.
TEXT_LIMIT_CHARACTERS = 300_000
READER = (sys.executable, "-m", "trinax.websearch.reader")
READER_LIMIT_S = 5.0


async def page(fetched: Fetched) -> Page:
    """The readable text of a page. Raises PageFailed where there is none."""
    content = _decoded(fetched)
    file = place(fetched.url)
    if fetched.kind == "html":
        title, content = await _read(content)
    else:
        title = titles.title(file, fetched.kind, content)
    content = content[:TEXT_LIMIT_CHARACTERS]
    if not content.strip():
        raise PageFailed("it shows no text without running scripts")
    title = title[:TITLE_CHARACTERS] or file
    document = Document(file, fetched.kind, title, content, exact=False)
    return Page(document, fetched.url, time.time())


def snippet(result: Result) -> Page:
    """What the provider shows of a page, in its place."""
    shown = Document(place(result.url), "text", result.title, result.snippet, exact=False)
    return Page(shown, result.url, time.time())


def place(url: str) -> str:
    """Where a page stands in the web, as a file does in its collection."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc}{parts.path.rstrip('/')}{query}"


async def _read(html: str) -> tuple[str, str]:
    """Title and text, by a process that can be stopped."""
    with anyio.move_on_after(READER_LIMIT_S):
        done = await anyio.run_process(
            READER, input=html.encode(), stderr=subprocess.DEVNULL, check=False
        )
        if done.returncode == 0:
            found = json.loads(done.stdout)
            return found["title"], found["text"]
    raise PageFailed("it is too much to be read")


def _decoded(fetched: Fetched) -> str:
    if fetched.charset:
        try:
            found = fetched.content.decode(fetched.charset)
            found.encode()  # Some encodings can say half of a character.
            return found
        except (LookupError, ValueError):
            pass  # What it says of itself is wrong; its bytes may tell.
    try:
        return text.decoded(fetched.content).text
    except UnreadableDocument as exc:
        raise PageFailed(exc.reason) from exc
