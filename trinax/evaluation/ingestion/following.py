"""How a collection of many notes follows its folder: edits, scans, restarts."""

from collections.abc import Sequence
from functools import partial
from statistics import median

import anyio

from trinax.app import open_parts
from trinax.evaluation.ingestion import corpora
from trinax.evaluation.ingestion.watching import (
    Figures,
    Folders,
    Whole,
    finds,
    folders,
    pause,
    percentiles,
    seconds,
    settled,
)
from trinax.evaluation.serving import Server, until
from trinax.settings import Paths, Settings

COLLECTION = "notes"
EDIT_LIMIT_S = 30.0


def measured(repetitions: int, notes: int = 10_000, edits: int = 60) -> Figures:
    """From the saving of a file to the first search that finds it; a scan that finds nothing
    new, right after the start of a process and later; from the start to the first answer.
    Milliseconds, but for restart_s."""
    with folders() as places:
        indexed(places, notes)
        restarts = []
        for _ in range(repetitions):
            with places.served() as server:
                restarts.append(server.ready_s)
                chunks = settled(server, COLLECTION, Whole(notes), pause)["chunks"]
        with places.served() as server:
            saves = [_save_s(server, places, number, notes) for number in _spread(notes, edits)]
        cold, warm = zip(*(anyio.run(_scans_s, places) for _ in range(repetitions)), strict=True)
    return {
        "files": notes,
        "chunks": chunks,
        "edits": edits,
        "save_ms": percentiles(saves, (50, 95)),
        "scan_cold_ms": round(1000 * median(cold)),
        "scan_warm_ms": round(1000 * median(warm)),
        "restart_s": round(median(restarts), 2),
    }


def indexed(places: Folders, notes: int) -> None:
    """Make the notes, and index them with a server of their own."""
    corpora.notes(places.collections / COLLECTION, notes)
    with places.served() as server:
        settled(server, COLLECTION, Whole(notes), pause)


def _spread(notes: int, edits: int) -> Sequence[int]:
    return range(0, notes, max(1, notes // edits))[:edits]


def _save_s(server: Server, places: Folders, number: int, notes: int) -> float:
    settled(server, COLLECTION, Whole(notes), pause)
    word = f"zyxwv{number}"
    path = corpora.note_path(places.collections / COLLECTION, number)
    text = f"{corpora.note(number)}\n\nThe word of this edit is {word}.\n"

    def saved() -> None:
        path.write_text(text, "utf-8")
        until(partial(finds, server, COLLECTION, word), EDIT_LIMIT_S, "the edit is found")

    return seconds(saved)


async def _scans_s(places: Folders) -> tuple[float, float]:
    """Of reconciles that find nothing new: the first after the stores are opened, and the next."""
    settings = Settings(paths=Paths(str(places.collections), str(places.data)))
    async with open_parts(settings) as parts:
        first = await parts.ingest.reconcile(COLLECTION)
        second = await parts.ingest.reconcile(COLLECTION)
    for one in (first, second):
        if one.changed or one.added or one.deleted:
            raise RuntimeError(f"a scan that should find nothing new found {one}")
    return first.seconds, second.seconds
