"""Chunks and questions in a folder, for processes that need not be able to make them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TEXTS = "texts.jsonl"
# (n, width) float32, as numbers alone.
VECTORS = "vectors"
QUESTIONS = "questions.json"


@dataclass(frozen=True, slots=True)
class Questions:
    """vectors: (n, width) float32. nearest: positions of the chunks that are nearest to each."""

    texts: Sequence[str]
    vectors: NDArray[np.float32]
    nearest: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Batch:
    """first: position of the first chunk."""

    first: int
    texts: Sequence[str]
    vectors: NDArray[np.float32]


def add(folder: Path, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
    """Put chunks after those that are there."""
    with (folder / TEXTS).open("a", encoding="utf-8") as lines:
        lines.writelines(json.dumps(text) + "\n" for text in texts)
    with (folder / VECTORS).open("ab") as numbers:
        numbers.write(np.ascontiguousarray(vectors, np.float32).tobytes())


def put(folder: Path, questions: Questions) -> None:
    rows = zip(questions.texts, questions.vectors.tolist(), questions.nearest, strict=True)
    made = [{"text": text, "vector": vector, "nearest": [*near]} for text, vector, near in rows]
    (folder / QUESTIONS).write_text(json.dumps(made), "utf-8")


def questions(folder: Path) -> Questions:
    found = json.loads((folder / QUESTIONS).read_text("utf-8"))
    return Questions(
        [one["text"] for one in found],
        np.array([one["vector"] for one in found], np.float32),
        [one["nearest"] for one in found],
    )


def batches(folder: Path, size: int) -> Iterator[Batch]:
    """All chunks, so many at a time."""
    width = questions(folder).vectors.shape[1]
    first = 0
    with (folder / TEXTS).open(encoding="utf-8") as lines, (folder / VECTORS).open("rb") as numbers:
        while texts := [json.loads(line) for line in islice(lines, size)]:
            found = np.frombuffer(numbers.read(4 * width * len(texts)), np.float32)
            yield Batch(first, texts, found.reshape(-1, width))
            first += len(texts)
