"""Reading single files in a process apart, for what libraries in C read."""

import threading
from dataclasses import replace

from trinax.documents.records import Document
from trinax.errors import UnreadableDocument
from trinax.ingest.answers import receive_read
from trinax.ingest.parser import BROKEN, Parser
from trinax.ingest.parsing import Reading

# The longest that one file may take, the start of the process included.
LIMIT_S = 60.0


class Apart:
    """One process, started when it is first needed; one file at a time, from any thread."""

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self._parser = Parser()
        self._turn = threading.Lock()
        self._limit_s = limit_s

    def read(self, reading: Reading) -> Document:
        """Raises UnreadableDocument."""
        with self._turn:
            overdue = threading.Timer(self._limit_s, self._parser.kill_after, [0.0])
            overdue.start()
            try:
                answer = receive_read(self._parser.ask(reading))
            except BROKEN as exc:
                late = self._parser.overdue
                self._parser.end()
                reason = "it took too long to read" if late else "its parser broke down"
                raise UnreadableDocument(reason) from exc
            finally:
                self._parser.rest()
                overdue.cancel()
                overdue.join()
        if isinstance(answer, str):
            raise UnreadableDocument(answer)
        return replace(answer, file=reading.file)

    def close(self) -> None:
        """What is being read fails."""
        self._parser.stop()
        with self._turn:
            self._parser.end()
