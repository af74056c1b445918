"""Questions put to the collections from the command line."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio

from trinax.answering.grounding.citations import cited
from trinax.cli import terminal
from trinax.cli.client import connect
from trinax.cli.indexing import note_if_empty, settled
from trinax.cli.links import linking
from trinax.cli.passages import show_hits, show_sources
from trinax.cli.running import Refused
from trinax.settings import Settings

CHAT = "/v1/chat/completions"
SEARCH = "/v1/search"
Body = Mapping[str, Any]


def search(settings: Settings, body: Body, collections: Sequence[str]) -> dict[str, Any]:
    """The answer of POST /v1/search."""
    return anyio.run(_post, settings, SEARCH, body, collections)


def show_found(settings: Settings, found: terminal.Row) -> None:
    """found: as search() gives it."""
    show_hits(found, linking(settings))


def attachments(files: Sequence[Path]) -> list[dict[str, str]]:
    """As a request brings them. Raises Refused for a file that cannot be read."""
    return [{"name": file.name, "data": _encoded(file)} for file in files]


def _encoded(file: Path) -> str:
    try:
        return b64encode(file.read_bytes()).decode()
    except OSError as exc:
        raise Refused(f"{file} was not read: {exc.strerror}.") from exc


def answer(settings: Settings, body: Body, collections: Sequence[str]) -> dict[str, Any]:
    """The answer's text and what trinax says about it, as one object."""
    completion = anyio.run(_post, settings, CHAT, body, collections)
    text = completion["choices"][0]["message"]["content"]
    return {"answer": text, **completion["trinaxai"]}


def show_answer(settings: Settings, body: Body, collections: Sequence[str]) -> None:
    """Print the answer as it is written, then what its numbers stand for."""
    anyio.run(_show_answer, settings, body, collections)


async def _post(
    settings: Settings, path: str, body: Body, collections: Sequence[str]
) -> dict[str, Any]:
    async with connect(settings) as client:
        await settled(client, collections)
        with terminal.waiting("searching"):
            found: dict[str, Any] = await client.post(path, _limited(body, collections))
        if path == SEARCH and not found["hits"]:
            await note_if_empty(client)
        return found


async def _show_answer(settings: Settings, body: Body, collections: Sequence[str]) -> None:
    last: dict[str, Any] = {}
    text = ""
    async with connect(settings) as client:
        await settled(client, collections)
        request = {**_limited(body, collections), "stream": True}
        with terminal.waiting("searching") as begun:
            async with aclosing(client.stream(CHAT, request)) as frames:
                async for frame in frames:
                    for choice in frame["choices"]:
                        if piece := choice["delta"].get("content"):
                            begun()
                            terminal.say(piece, end="")
                            text += piece
                    last = frame
        terminal.say()
        if not last["trinaxai_sources"]:
            await note_if_empty(client)
    numbers = set(cited(text))
    if footnotes := [source for source in last["trinaxai_sources"] if source["n"] in numbers]:
        terminal.say()
        show_sources(footnotes, linking(settings))
    terminal.note(verdict(last["trinaxai"]))


def _limited(body: Body, collections: Sequence[str]) -> dict[str, Any]:
    return {**body, "collections": list(collections)} if collections else dict(body)


def verdict(said: Mapping[str, Any]) -> str:
    """One line: how far the answer is carried, who wrote it, and what it was written without.

    said: the field `trinaxai` of an answer.
    """
    without = ", ".join(_without(said["left_out"]))
    line = f"{said['grounding']['verdict']}, by {said['route']['model']}"
    return f"{line}; without {without}" if without else line


def _without(left_out: Mapping[str, Any]) -> Iterator[str]:
    files = left_out["files"]
    if files is not None:
        yield f"{files or 'some'} files that are not indexed yet"
    for name, what in (
        ("passages", "passages that found no room"),
        ("turns", "earlier messages"),
        ("condensed", "parts of earlier messages"),
        ("pages", "web pages that could not be read"),
    ):
        if left_out[name]:
            yield f"{left_out[name]} {what}" if name != "condensed" else what
    yield from left_out.get("attachments") or ()
