"""The end of a store's renewal, and what a status says until then."""

import threading
from collections.abc import Collection, Sequence

from trinax.embedding.ports import Embedder
from trinax.index.analysis import document_terms
from trinax.index.ports import Store
from trinax.index.records import Entry, Passage, embedded_text
from trinax.ingest.indexing import embed


def notice(store: Store, embedder: Embedder) -> str:
    """What a person should know of a store that is made anew, or was; "" of any other."""
    return "; ".join(filter(None, (_renewed(store, embedder), _set_aside(store.set_aside()))))


def _set_aside(names: Sequence[str]) -> str:
    if not names:
        return ""
    return (
        "its index was found corrupt and is made anew from its files; what is left of it is kept "
        f"in the data folder as {', '.join(names)}, to be looked at and deleted"
    )


def _renewed(store: Store, embedder: Embedder) -> str:
    if not store.renewed:
        return ""
    with store.view() as view:
        former = view.former
    if former is None:
        return "it is indexed anew; until that is done, the index of before answers"
    begun = f"it is embedded anew with {embedder.id!r}; until that is done, searches "
    if former.embedder is None:
        return begun + "compare words only, for the model that embedded it before is gone"
    return begun + f"use {former.embedder.id!r}"


def complete(
    store: Store, embedder: Embedder, known: Collection[str], stopping: threading.Event
) -> None:
    """Serve what was written from now on, after a run that has looked at every file.

    known: files that the ledger knows. Those of them that could not be read this time are taken
    over with the text that they had; what it does not know is gone. Raises Stopped.
    """
    for file in store.unwritten():
        if file in known:
            store.replace({file: _anew(store.chunks(file), embedder, stopping)})
    store.switch()


def _anew(
    passages: Sequence[Passage], embedder: Embedder, stopping: threading.Event
) -> tuple[Entry, ...]:
    texts = [embedded_text(one.chunk) for one in passages]
    vectors = embed(embedder, texts, stopping)
    return tuple(
        Entry(
            passage=one,
            vector=vectors[text],
            terms=document_terms(one.chunk.text, one.chunk.context, one.file, one.language),
        )
        for one, text in zip(passages, texts, strict=True)
    )
