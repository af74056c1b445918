"""Data sets as collections of real files behind a real server, and questions put to it."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from trinax.evaluation.answers.records import Answer, Collection, Kind, Question, Reply
from trinax.evaluation.calibrate import related
from trinax.evaluation.datasets import SEED, Dataset, Document, some
from trinax.evaluation.serving import Launch, Server, ServerFailed, launched, trinax, until
from trinax.settings import Retrieval, Settings

CHAT = "/v1/chat/completions"
INDEX_LIMIT_S = 1800.0
PREFIX = b"data: "
LAST = b"[DONE]"

Body = dict[str, Any]


@contextmanager
def collections(
    datasets: Sequence[Dataset], settings: Settings, limit: int
) -> Iterator[tuple[Server, list[Collection]]]:
    """A server that has the data sets as indexed collections. limit: questions of each kind.

    Raises ServerFailed, TimeoutError.
    """
    with TemporaryDirectory(prefix="trinax-answers-") as place:
        root = Path(place)
        made = [
            Collection(
                f"set{i}",
                dataset.name,
                _written(dataset, root / "collections" / f"set{i}"),
                tuple(questions(dataset, datasets, limit)),
            )
            for i, dataset in enumerate(datasets)
        ]
        (root / "trinax.toml").write_text(_retrieval(settings.retrieval), "utf-8")
        command = trinax("--data-dir", str(root / "data"), "--models-dir", str(settings.models_dir))
        command += ["--collections-dir", str(root / "collections")]
        with launched(Launch(command, "/ready", root)) as server:
            for collection in made:
                until(partial(_is_indexed, server, collection), INDEX_LIMIT_S, "the index is whole")
            yield server, made


def questions(dataset: Dataset, everything: Sequence[Dataset], limit: int) -> Iterator[Question]:
    """What the collection of a data set is asked, the same at every run; at most `limit` of each
    kind, foreign ones from all data sets that share nothing with it."""
    names = file_names(dataset.corpus)
    for id in some(dataset.judged(), limit):
        gold = frozenset(names[doc] for doc, grade in dataset.qrels[id].items() if grade > 0)
        yield _question(dataset, id, "answerable", gold)
    lost = [id for id in dataset.queries if id in dataset.unanswerable]
    for id in some(lost, limit):
        yield _question(dataset, id, "unanswerable")
    others = [other for other in everything if not related(dataset, other)]
    foreign = [(other, id) for other in others for id in some(other.judged(), limit)]
    for other, id in some(foreign, limit):
        yield _question(other, id, "foreign")


def file_names(corpus: Sequence[Document]) -> dict[str, str]:
    """Document id → file; numbers, since ids need not be names and are no words."""
    return {document.id: f"{number:06}.md" for number, document in enumerate(corpus)}


def answered(server: Server, collection: Collection, question: Question, model: str) -> Answer:
    """The question asked twice: whole and streamed. Raises ServerFailed."""
    body = {
        "model": model,
        "messages": [{"role": "user", "content": question.text}],
        "collections": [collection.id],
        "temperature": 0,
        "seed": SEED,
    }
    start = time.perf_counter()
    whole = server.json("POST", CHAT, body)
    taken_s = time.perf_counter() - start
    said = whole["trinaxai"]
    text = whole["choices"][0]["message"]["content"]
    reply = Reply(text, said["sources"], said["grounding"])
    return Answer(question, reply, _streamed(server, {**body, "stream": True}), taken_s)


def _streamed(server: Server, body: Body) -> Reply:
    server.connection.request("POST", CHAT, json.dumps(body), {"Content-Type": "application/json"})
    response = server.connection.getresponse()
    if response.status != 200:
        raise ServerFailed(f"{CHAT}: {response.status} {response.read().decode(errors='replace')}")
    # Not by lines of the response: a frame may hold any character but a line feed.
    lines = response.read().split(b"\n")
    frames = [
        json.loads(line.removeprefix(PREFIX))
        for line in lines
        if line.startswith(PREFIX) and not line.endswith(LAST)
    ]
    if not frames or "error" in frames[-1]:
        raise ServerFailed(f"{CHAT}: the stream ended with {frames[-1:]}")
    text = "".join(
        choice["delta"].get("content") or "" for frame in frames for choice in frame["choices"]
    )
    return Reply(text, frames[-1]["trinaxai_sources"], frames[-1]["trinaxai"]["grounding"])


def _question(
    dataset: Dataset, id: str, kind: Kind, gold: frozenset[str] = frozenset()
) -> Question:
    answers = dataset.answers.get(id, ()) if kind == "answerable" else ()
    return Question(dataset.queries[id], kind, gold, answers)


def _written(dataset: Dataset, folder: Path) -> Path:
    folder.mkdir(parents=True)
    names = file_names(dataset.corpus)
    for document in dataset.corpus:
        head = f"# {document.title}\n\n" if document.title else ""
        (folder / names[document.id]).write_bytes(f"{head}{document.text}\n".encode())
    return folder


def _retrieval(settings: Retrieval) -> str:
    """The section of a configuration; JSON's scalars are TOML's."""
    lines = (f"{name} = {json.dumps(value)}\n" for name, value in asdict(settings).items())
    return "[retrieval]\n" + "".join(lines)


def _is_indexed(server: Server, collection: Collection) -> bool:
    # Listed rather than asked for by id: before the first scan there is no such collection.
    found = server.json("GET", "/v1/collections")["collections"]
    return any(
        one["id"] == collection.id and one["state"] == "idle" and one["chunks"] for one in found
    )
