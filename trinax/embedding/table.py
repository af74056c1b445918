"""Rows of vectors: their norm, and their file form of bytes with one scale a row."""

import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trinax.embedding.ports import Vectors

_LARGEST = 127


@dataclass(frozen=True, slots=True)
class Table:
    """rows: (tokens, width). scales: (tokens,). A token's vector is its row times its scale."""

    rows: NDArray[np.int8]
    scales: Vectors


def unit_rows(vectors: Vectors) -> Vectors:
    """The vectors, changed in place to norm 1; rows of zeros stay."""
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    np.divide(vectors, norms, out=vectors, where=norms > 0)
    return vectors


def write(vectors: Vectors, file: Path) -> None:
    """Rounds each row to int8; the largest error of a row is its largest value / 254."""
    scales = np.maximum(np.abs(vectors).max(axis=1), np.finfo(np.float32).tiny) / _LARGEST
    rows = np.rint(vectors / scales[:, None]).astype(np.int8)
    np.savez(file, rows=rows, scales=scales.astype(np.float32))


def read(content: bytes) -> Table:
    """The table in a file's content.

    Raises ValueError if it is no such file.
    """
    try:
        with np.load(BytesIO(content), allow_pickle=False) as stored:
            rows, scales = stored["rows"], stored["scales"]
    except (zipfile.BadZipFile, KeyError, EOFError, TypeError) as exc:
        raise ValueError("no table of token vectors") from exc
    if rows.ndim != 2 or rows.dtype != np.int8 or scales.shape != rows.shape[:1]:
        raise ValueError("a table of the wrong shape")
    return Table(rows, scales.astype(np.float32))
