"""A dataset indexed and searched by the real parts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from trinax.documents import chunking
from trinax.documents.records import Chunk
from trinax.documents.records import Document as Text
from trinax.embedding.ports import Embedder
from trinax.evaluation import metrics
from trinax.evaluation.datasets import Dataset, Document
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


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over the judged queries of one dataset in one mode."""

    dataset: str
    mode: Mode
    queries: int
    ndcg_10: float
    recall_10: float
    recall_100: float
    mrr_10: float


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


def ranking(retriever: Retriever, question: str, mode: Mode) -> list[str]:
    """Ids of the documents whose passages were found, best first."""
    found = retriever.found(Query(question, mode=mode, limit=DEPTH))
    return list(dict.fromkeys(ranked.passage.file for ranked in found.ranked))


def scores(dataset: Dataset, retriever: Retriever, mode: Mode) -> Scores:
    """Means over the judged queries of a dataset that is all the retriever searches."""
    judged = dataset.judged()
    pairs = [
        (ranking(retriever, dataset.queries[query_id], mode), dataset.qrels[query_id])
        for query_id in judged
    ]
    return Scores(
        dataset=dataset.name,
        mode=mode,
        queries=len(judged),
        ndcg_10=metrics.mean(metrics.ndcg(found, grades, 10) for found, grades in pairs),
        recall_10=metrics.mean(metrics.recall(found, grades, 10) for found, grades in pairs),
        recall_100=metrics.mean(metrics.recall(found, grades, 100) for found, grades in pairs),
        mrr_10=metrics.mean(metrics.reciprocal_rank(found, grades, 10) for found, grades in pairs),
    )


def files(cut: Sequence[tuple[Text, Sequence[Chunk]]], collection: str, parts: Parts) -> Files:
    """What a collection stores of documents and their chunks."""
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
            # Ids of documents are no words: the file's name is left out.
            terms = analysis.document_terms(chunk.text, chunk.context, "", language)
            entries.append(Entry(passage, next(rows), terms))
        files[document.file] = tuple(entries)
    return files


def _files(documents: Sequence[Document], collection: str, parts: Parts) -> Files:
    texts = map(_text, documents)
    cut = [(text, chunking.chunks(text, collection, parts.limits)) for text in texts]
    return files(cut, collection, parts)


def _text(document: Document) -> Text:
    return Text(file=document.id, kind="text", title=document.title, text=document.text)
