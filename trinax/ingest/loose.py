"""Files that lie nowhere: read and cut for one request, by a process that ends with it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

import anyio
from anyio import CapacityLimiter, to_thread

from trinax.documents import languages
from trinax.documents.chunking import Limits
from trinax.documents.records import Cut
from trinax.ingest.answers import receive_cut
from trinax.ingest.parser import BROKEN, Parser
from trinax.ingest.parsing import Content, cut

# At once, of all requests together.
PROCESSES = 4
# Read here: no library in C sees them, and starting a process would take longer.
PLAIN = frozenset({"markdown", "text"})
PLAIN_BYTES = 100_000
LATE = "it took too long to read"


class Loose:
    """Callable from any task; keeps nothing of what it has read.

    Each request has a process of its own: one that a file took over sees nobody else's files.
    """

    def __init__(self, limit_s: float) -> None:
        """limit_s: for all files of a request together."""
        self._limit_s = limit_s
        self._room = CapacityLimiter(PROCESSES)

    async def read(
        self, collection: str, files: Mapping[str, bytes], limits: Limits
    ) -> list[Cut | str]:
        """In their order; a text is the reason, in one clause, why a file has no chunks. Once the
        time is over the rest is missing, but for that reason.

        files: by name. collection: that the ids of the chunks are of.
        """
        contents = [Content(collection, file, data, limits) for file, data in files.items()]
        if all(map(_is_plain, contents)):
            return await to_thread.run_sync(lambda: [*map(cut, contents)])
        answers: list[Cut | str] = []
        parser = Parser()
        async with self._room:
            try:
                with anyio.move_on_after(self._limit_s):
                    read = partial(_read, contents, parser, answers)
                    await to_thread.run_sync(read, abandon_on_cancel=True)
                    return answers
                return [*answers, LATE]
            finally:
                parser.stop()


def _is_plain(content: Content) -> bool:
    return len(content.data) <= PLAIN_BYTES and languages.kind(content.file) in PLAIN


def _read(contents: Sequence[Content], parser: Parser, answers: list[Cut | str]) -> None:
    """Appends to the answers one by one; in a thread that stop() of the parser ends."""
    try:
        for content in contents:
            answers.append(receive_cut(content, parser.ask(content)))
    except BROKEN:
        answers.append("its parser broke down")
    finally:
        with suppress(OSError):
            parser.end()
