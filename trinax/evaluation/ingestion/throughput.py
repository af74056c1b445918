"""From nothing to everything found: chunks and bytes a second, beside a naive index."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from trinax.evaluation import builtin
from trinax.evaluation.ingestion import corpora
from trinax.evaluation.ingestion.watching import Figures, Whole, folders, pause, seconds, settled
from trinax.evaluation.peers import NaiveIndex

Corpora = dict[str, Callable[[Path], int]]

# The usual way to cut: at most so many characters, at the first of these that there is.
PIECE_CHARACTERS = 1000
SEPARATORS = ("\n\n", "\n", " ")


def measured(repetitions: int, made: Corpora | None = None) -> Figures:
    """Of each corpus: its size, and what a server and a naive index took; medians of some runs.

    The clock runs from the moment that a folder appears among the collections to the moment that
    its status says that all of it can be found. made: names of corpora and what makes their
    files and counts them.
    """
    found = made or {"text": corpora.text, "code": corpora.code}
    return {name: _corpus(name, make, repetitions) for name, make in found.items()}


def pieces(text: str, separators: Sequence[str] = SEPARATORS) -> Iterator[str]:
    """A text cut recursively: at the first separator, neighbours joined while they fit, what is
    still too long at the next."""
    if len(text) <= PIECE_CHARACTERS or not separators:
        yield from (
            text[at : at + PIECE_CHARACTERS] for at in range(0, len(text), PIECE_CHARACTERS)
        )
        return
    joined = ""
    for part in text.split(separators[0]):
        if joined and len(joined) + len(separators[0]) + len(part) > PIECE_CHARACTERS:
            yield from pieces(joined, separators[1:])
            joined = part
        else:
            joined = f"{joined}{separators[0]}{part}" if joined else part
    yield from pieces(joined, separators[1:])


def _corpus(name: str, make: Callable[[Path], int], repetitions: int) -> Figures:
    # By turns, so that a busy moment of the machine meets both.
    runs = [_run(name, make) for _ in range(repetitions)]
    first = runs[0]
    taken_s, naive_s = (median(run[key] for run in runs) for key in ("seconds", "naive_seconds"))
    return {
        **{key: first[key] for key in ("files", "bytes", "chunks")},
        "seconds": round(taken_s, 2),
        "chunks_per_s": round(first["chunks"] / taken_s),
        "mb_per_s": round(first["bytes"] / taken_s / 1e6, 2),
        "naive_seconds": round(naive_s, 2),
        "naive_mb_per_s": round(first["bytes"] / naive_s / 1e6, 2),
    }


def _run(name: str, make: Callable[[Path], int]) -> Figures:
    with folders() as places:
        files = make(places.stage / name)
        paths = sorted(path for path in (places.stage / name).rglob("*") if path.is_file())
        size_bytes = sum(path.stat().st_size for path in paths)
        naive_s = seconds(partial(_naive, paths))
        with places.served() as server:
            places.move_in(name, name)
            status: Figures = {}

            def wait() -> None:
                status.update(settled(server, name, Whole(files), pause))

            taken_s = seconds(wait)
    return {
        "files": files,
        "bytes": size_bytes,
        "chunks": status["chunks"],
        "seconds": taken_s,
        "naive_seconds": naive_s,
    }


def _naive(paths: Sequence[Path]) -> NaiveIndex:
    embedder = builtin.parts().embedder
    texts = [
        piece
        for path in paths
        for piece in pieces(path.read_text("utf-8", "replace"))
        if piece.strip()
    ]
    return NaiveIndex(texts, list(embedder.passages(texts)))
