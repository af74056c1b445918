"""A retrieval test collection on disk: corpus.jsonl, queries.jsonl, qrels.tsv, answers.jsonl."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trinax.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Document:
    id: str
    title: str
    text: str


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


def load(folder: Path) -> Dataset:
    """The dataset in a folder, named after it.

    corpus.jsonl: {"_id", "title"?, "text"} a line; queries.jsonl: {"_id", "text"} a line;
    qrels.tsv: query id, document id, grade, with an optional header line; answers.jsonl, if there
    is one: {"_id", "answers"?, "is_impossible"?} a line.
    Raises InvalidRequest naming file and line.
    """
    corpus = tuple(
        Document(_field(row, "_id", where), str(row.get("title") or ""), _field(row, "text", where))
        for where, row in rows(folder / "corpus.jsonl")
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
        {_field(row, "_id", where): _answers(row, where) for where, row in answers},
    )


def _answers(row: dict[str, Any], where: str) -> tuple[str, ...]:
    found = row.get("answers") or []
    if not isinstance(found, list):
        raise InvalidRequest(f"{where}: 'answers' must be a list of strings.")
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
