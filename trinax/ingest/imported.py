"""Vectors that came with an archive, so that what it holds is not embedded again."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Known:
    """rows: digest of a text → row of vectors, (n, width) float32, which stays on the disk."""

    rows: Mapping[bytes, int]
    vectors: NDArray[np.float32]

    def get(self, text: str) -> NDArray[np.float32] | None:
        row = self.rows.get(digest(text))
        # A copy, that outlasts the file.
        return None if row is None else np.array(self.vectors[row])


def digest(text: str) -> bytes:
    return sha256(text.encode()).digest()


def record(width: int) -> np.dtype[np.void]:
    """A text's digest and vector in a file."""
    return np.dtype([("digest", f"V{DIGEST_BYTES}"), ("vector", "<f4", (width,))])


def packed(texts: Sequence[str], vectors: Iterable[NDArray[np.float32]], width: int) -> bytes:
    """Records one after the other. vectors: one a text."""
    records = np.empty(len(texts), record(width))
    for row, (text, vector) in enumerate(zip(texts, vectors, strict=True)):
        records[row] = (digest(text), vector)
    return records.tobytes()


def known(file: Path, width: int) -> Known:
    """The records of a file, the vectors among them read when they are asked for."""
    if not file.stat().st_size:
        return Known({}, np.empty((0, width), np.float32))
    records = np.memmap(file, record(width), "r")
    rows = {bytes(one): row for row, one in enumerate(records["digest"])}
    return Known(rows, records["vector"])


def is_sound(part: bytes, width: int) -> bool:
    """Whether these are whole records of vectors as an embedder makes them: L2 norm 1 or 0."""
    if len(part) % record(width).itemsize:
        return False
    norms = np.linalg.norm(np.frombuffer(part, record(width))["vector"], axis=1)
    return bool(np.all((np.abs(norms - 1) < 0.01) | (norms == 0)))


class Imported:
    """What came with archives that are being taken in. Safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Known] = {}

    def learn(self, collection: str, vectors: Known) -> None:
        with self._lock:
            self._known[collection] = vectors

    def forget(self, collection: str) -> None:
        with self._lock:
            self._known.pop(collection, None)

    def find(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of those texts that came with an archive."""
        with self._lock:
            known = list(self._known.values())
        found = ((text, one.get(text)) for one in known for text in texts)
        return {text: vector for text, vector in found if vector is not None}
