"""What those who search and chat notice of a large folder that is being indexed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from trinax.evaluation.first_byte import waits
from trinax.evaluation.ingestion import corpora
from trinax.evaluation.ingestion.following import COLLECTION, indexed
from trinax.evaluation.ingestion.watching import (
    Figures,
    Whole,
    folders,
    percentiles,
    seconds,
    settled,
)
from trinax.evaluation.serving import Server

LARGE = "code"
IDLE_ROUNDS = 100
QUESTIONS = 40
LIMIT = 10


@dataclass(frozen=True, slots=True)
class Asking:
    """One client that asks the same things in turn; seconds that each took."""

    server: Server
    questions: Sequence[str]
    search_s: list[float] = field(default_factory=list)
    health_s: list[float] = field(default_factory=list)
    chat_s: list[float] = field(default_factory=list)

    def round(self, question: str) -> None:
        body = {"query": question, "collections": [COLLECTION], "limit": LIMIT}
        for _ in range(3):
            self.search_s.append(seconds(lambda: self.server.json("POST", "/v1/search", body)))
            # It does nothing: what it takes is what the event loop is late, and the web.
            self.health_s.append(seconds(lambda: self.server.json("GET", "/health")))
        (waited,) = waits(self.server.port, COLLECTION, [question])
        self.chat_s.append(waited.first_byte_ms / 1000)

    def figures(self) -> Figures:
        named = {"search_ms": self.search_s, "loop_ms": self.health_s, "chat_ms": self.chat_s}
        return {name: percentiles(taken_s) for name, taken_s in named.items()}


def measured(
    notes: int = 10_000, rounds: int = IDLE_ROUNDS, make: Callable[[Path], int] = corpora.code
) -> Figures:
    """Milliseconds over HTTP while nothing else runs, and while the standard library is indexed
    beside the notes that are searched: a search, an answer of nothing ("loop"), and the first
    byte of an answer by the built-in answerer.

    make: the large folder; gives the number of its files.
    """
    with folders() as places:
        indexed(places, notes)
        files = make(places.stage / LARGE)
        questions = [corpora.note(number).split(".")[1] for number in range(QUESTIONS)]
        with places.served() as server:
            settled(server, COLLECTION, Whole(notes), lambda: None)
            Asking(server, questions).round(questions[0])
            idle = Asking(server, questions)
            for _, question in zip(range(rounds), cycle(questions), strict=False):
                idle.round(question)
            busy, asked = Asking(server, questions), cycle(questions)
            places.move_in(LARGE, LARGE)
            taken_s = seconds(
                lambda: settled(server, LARGE, Whole(files), lambda: busy.round(next(asked)))
            )
    return {"indexing_s": round(taken_s, 2), "idle": idle.figures(), "busy": busy.figures()}
