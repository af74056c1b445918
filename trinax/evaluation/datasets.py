"""A retrieval test collection on disk: three files of a form, or a folder with questions."""

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from trinax.documents.reading import read
from trinax.errors import InvalidRequest, UnreadableDocument
from trinax.ingest.scan import Found, Limits, Root, scan
from trinax.settings import Ingest

CORPUS = "corpus.jsonl"
QUESTIONS = "questions.jsonl"
# Of every draw of questions.
SEED = 7

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Document:
    """kind: what chunks it, as in trinax.documents.records. is_file: its id is the name of a file,
    which is searched as well."""

    id: str
    title: str
    text: str
    kind: str = "text"
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class Dataset:
    """queries: id → text. qrels: query id → document id → grade; relevant if above 0.

    Queries may lack relevant documents; judged() gives those that have one. unanswerable: ids of
    those of which the dataset says that no document answers them. answers: query id → strings of
    which each is an answer.
    """

    name: str
    corpus: tuple[Document, ...]
    queries: Mapping[str, str]
    qrels: Mapping[str, Mapping[str, int]]
    unanswerable: frozenset[str] = frozenset()
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def judged(self) -> list[str]:
        """Ids of the queries with at least one relevant document, in the order of the file."""
        return [
            query_id
            for query_id in self.queries
            if any(grade > 0 for grade in self.qrels.get(query_id, {}).values())
        ]


def some(items: Sequence[Item], limit: int) -> list[Item]:
    """So many of them, the same each time; all if there are no more."""
    return random.Random(SEED).sample(items, limit) if len(items) > limit else list(items)


def load(folder: Path) -> Dataset:
    """The dataset in a folder, named after it; see of_files() and of_documents().

    Raises InvalidRequest naming file and line.
    """
    plain = (folder / QUESTIONS).exists() and not (folder / CORPUS).exists()
    return of_documents(folder) if plain else of_files(folder)


def over(dataset: Dataset, other: Dataset) -> Dataset:
    """The questions of a dataset with the corpus of another that has the same ids.

    Raises InvalidRequest if no relevant document is in that corpus.
    """
    present = {document.id for document in other.corpus}
    if not any(present & grades.keys() for grades in dataset.qrels.values()):
        raise InvalidRequest(
            f"No document that {dataset.name} calls relevant is in {other.name}; they need the "
            "same ids."
        )
    return replace(dataset, name=f"{dataset.name} over {other.name}", corpus=other.corpus)


def of_documents(folder: Path) -> Dataset:
    """The files that trinax would index, and questions.jsonl: {"question", "files"} a line.

    files: paths below the folder of those that answer the question; empty if none does.
    Raises InvalidRequest naming the line.
    """
    try:
        found = scan(Root(folder.resolve()), Limits(Ingest().file_limit_bytes)).files
    except OSError as exc:
        raise InvalidRequest(f"{folder.name} cannot be listed: {exc.strerror}.") from exc
    corpus = tuple(_documents(one for name, one in found.items() if name != QUESTIONS))
    present = {document.id for document in corpus}
    queries, qrels = {}, {}
    for number, (where, row) in enumerate(rows(folder / QUESTIONS), start=1):
        id = f"q{number}"
        queries[id] = _field(row, "question", where)
        qrels[id] = dict.fromkeys(_strings(row, "files", where), 1)
        if missing := qrels[id].keys() - present:
            raise InvalidRequest(f"{where}: {min(missing)!r} is no file that can be indexed.")
    unanswerable = frozenset(id for id, grades in qrels.items() if not grades)
    return Dataset(folder.resolve().name, corpus, queries, qrels, unanswerable)


def of_files(folder: Path) -> Dataset:
    """corpus.jsonl: {"_id", "title"?, "text"} a line; queries.jsonl: {"_id", "text"} a line;
    qrels.tsv: query id, document id, grade, with an optional header line; answers.jsonl, if there
    is one: {"_id", "answers"?, "is_impossible"?} a line.
    Raises InvalidRequest naming file and line.
    """
    corpus = tuple(
        Document(_field(row, "_id", where), str(row.get("title") or ""), _field(row, "text", where))
        for where, row in rows(folder / CORPUS)
    )
    queries = {
        _field(row, "_id", where): _field(row, "text", where)
        for where, row in rows(folder / "queries.jsonl")
    }
    qrels = _qrels(folder / "qrels.tsv")
    path = folder / "answers.jsonl"
    answers = list(rows(path)) if path.exists() else []
    return Dataset(
        folder.resolve().name,
        corpus,
        queries,
        qrels,
        frozenset(_field(row, "_id", where) for where, row in answers if row.get("is_impossible")),
        {_field(row, "_id", where): _strings(row, "answers", where) for where, row in answers},
    )


def _documents(found: Iterable[Found]) -> Iterator[Document]:
    for one in found:
        try:
            read_one = read(one.place, one.file, one.size_bytes)
        except UnreadableDocument:
            continue  # as in a collection; a question that needs it is told
        yield Document(one.file, read_one.title, read_one.text, read_one.kind, is_file=True)


def _strings(row: dict[str, Any], name: str, where: str) -> tuple[str, ...]:
    found = row.get(name) or []
    if not isinstance(found, list):
        raise InvalidRequest(f"{where}: {name!r} must be a list of strings.")
    return tuple(map(str, found))


def _qrels(path: Path) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    for number, line in _lines(path):
        parts = line.split("\t")
        if number == 1 and parts[0] == "query-id":
            continue
        try:
            query_id, document_id, grade = parts
            qrels.setdefault(query_id, {})[document_id] = int(grade)
        except ValueError as exc:
            raise InvalidRequest(
                f"{path.name}, line {number}: query id, document id and a whole grade are "
                "expected, with tabs between."
            ) from exc
    return qrels


def rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each line's object, with the place to name in a message. Raises InvalidRequest."""
    for number, line in _lines(path):
        where = f"{path.name}, line {number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as exc:
            raise InvalidRequest(f"{where}: not JSON ({exc.msg}).") from exc
        if not isinstance(row, dict):
            raise InvalidRequest(f"{where}: a JSON object is expected.")
        yield where, row


def _field(row: dict[str, Any], name: str, where: str) -> str:
    if name not in row:
        raise InvalidRequest(f"{where}: the field {name!r} is missing.")
    return str(row[name])


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        # Not splitlines(): JSON strings may hold U+2028, which is no line end here.
        text = path.read_text("utf-8-sig")
    except OSError as exc:
        raise InvalidRequest(f"{path.name} cannot be read: {exc.strerror}.") from exc
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line.rstrip("\r")
