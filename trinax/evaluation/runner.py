"""A dataset indexed and searched by the real parts."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from trinax.documents import chunking
from trinax.documents.records import Chunk
from trinax.documents.records import Document as Text
from trinax.embedding.ports import Embedder
from trinax.evaluation.datasets import Dataset, Document
from trinax.evaluation.outcomes import Question, Run, outcome
from trinax.index import analysis, languages
from trinax.index.ports import Store
from trinax.index.records import Entry, Files, Passage, embedded_text
from trinax.index.registry import Registry
from trinax.retrieval.records import Mode, Query
from trinax.retrieval.retriever import Retriever
from trinax.settings import Retrieval

MODES: tuple[Mode, ...] = ("bm25", "dense", "hybrid")
# Passages asked for; their documents, each once, are the ranking that is measured.
DEPTH = 100
BATCH_DOCUMENTS = 500


@dataclass(frozen=True, slots=True)
class Parts:
    """What an evaluation runs on. open_store: collection id and folder → its store."""

    embedder: Embedder
    open_store: Callable[[str, Path], Store]
    limits: chunking.Limits = chunking.Limits()
    settings: Retrieval = Retrieval()


@contextmanager
def indexed(corpora: Mapping[str, Sequence[Document]], parts: Parts) -> Iterator[Registry]:
    """Temporary collections. corpora: collection id → its documents."""
    with opened(parts) as registry:
        for collection, corpus in corpora.items():
            store = registry.ensure(collection)
            for start in range(0, len(corpus), BATCH_DOCUMENTS):
                batch = corpus[start : start + BATCH_DOCUMENTS]
                store.replace(_files(batch, collection, parts))
        yield registry


@contextmanager
def opened(parts: Parts) -> Iterator[Registry]:
    """A registry whose collections, none yet, are gone when it is left."""
    with TemporaryDirectory(prefix="trinax-eval-") as folder:
        registry = Registry(lambda id: parts.open_store(id, Path(folder) / id))
        try:
            yield registry
        finally:
            registry.close()


def retriever(registry: Registry, parts: Parts) -> Retriever:
    return Retriever(registry, parts.embedder, parts.settings)


def ranking(retriever: Retriever, question: str, mode: Mode, limit: int = DEPTH) -> list[str]:
    """Ids of the documents whose passages were found, best first. limit: passages asked for."""
    found = retriever.found(Query(question, mode=mode, limit=limit))
    return list(dict.fromkeys(ranked.passage.file for ranked in found.ranked))


def run(dataset: Dataset, retriever: Retriever, mode: Mode, limit: int = DEPTH) -> Run:
    """The judged queries of a dataset that is all the retriever searches. limit: see ranking()."""
    return ranked(dataset, mode, lambda text: ranking(retriever, text, mode, limit))


def ranked(dataset: Dataset, way: str, ranking: Callable[[str], Sequence[str]]) -> Run:
    """The judged queries of a dataset. ranking: question → ids of documents, best first."""
    outcomes = []
    for query_id in dataset.judged():
        question = Question(query_id, dataset.queries[query_id], dataset.qrels[query_id])
        start = time.perf_counter()
        found = ranking(question.text)
        taken_ms = 1000 * (time.perf_counter() - start)
        outcomes.append(outcome(question, found, taken_ms))
    return Run(dataset.name, way, tuple(outcomes))


def files(
    cut: Sequence[tuple[Text, Sequence[Chunk]]],
    collection: str,
    parts: Parts,
    names: frozenset[str] = frozenset(),
) -> Files:
    """What a collection stores of documents and their chunks. names: of those whose file's name is
    searched; other ids of documents are no words."""
    vectors = parts.embedder.passages(
        [embedded_text(chunk) for _, chunks in cut for chunk in chunks]
    )
    rows = iter(vectors)
    files: dict[str, tuple[Entry, ...]] = {}
    for document, chunks in cut:
        entries = []
        language = languages.language(document.text)
        for ordinal, chunk in enumerate(chunks):
            passage = Passage(
                collection,
                document.file,
                ordinal,
                chunk,
                document.kind,
                language,
                len(document.text),
                0.0,
            )
            name = document.file if document.file in names else ""
            terms = analysis.document_terms(chunk.text, chunk.context, name, language)
            entries.append(Entry(passage, next(rows), terms))
        files[document.file] = tuple(entries)
    return files


def _files(documents: Sequence[Document], collection: str, parts: Parts) -> Files:
    texts = map(_text, documents)
    cut = [(text, chunking.chunks(text, collection, parts.limits)) for text in texts]
    names = frozenset(document.id for document in documents if document.is_file)
    return files(cut, collection, parts, names)


def _text(document: Document) -> Text:
    return Text(document.id, document.kind, document.title, document.text)
