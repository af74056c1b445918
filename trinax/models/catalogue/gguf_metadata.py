"""What a GGUF file says about itself, read from its header without touching the weights.

The gguf package's reader builds an object for every token (11 s for 150 000); this one walks over
arrays. Format: ggml/docs/gguf.md.
"""

import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from trinax.models.catalogue.infilling import fills_in

Scalar = str | int | float | bool
Value = Scalar | tuple[int, ...]

VERSIONS = (2, 3)
READ_BYTES = (8_000_000, 64_000_000, 512_000_000)  # tried in turn; most headers fit the first
COUNT_LIMIT = 50_000_000  # of anything counted in a header; more is a broken file
DEPTH_LIMIT = 4  # of arrays in arrays
LAYER_LIMIT = 1024  # whole numbers in an array that is kept; the layers of a model are fewer
STRING, ARRAY, BOOL = 8, 9, 7
WHOLE = (0, 1, 2, 3, 4, 5, 10, 11)  # the kinds of whole numbers
SCALARS = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    BOOL: struct.Struct("<?"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
VOCABULARY = "tokenizer.ggml.tokens"
LENGTH = struct.Struct("<Q")
KIND = struct.Struct("<I")
# ggml type id → name, values in a block, bytes of a block. Source: ggml.h, ggml-common.h.
TENSOR_TYPES = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
}


class BrokenHeader(ValueError):
    """str() is one clause that says what is wrong, safe to show."""


@dataclass(frozen=True, slots=True)
class Header:
    """values: every scalar of the metadata, and short arrays of whole numbers (one for each
    layer); other arrays are left out.
    parameters: values in all tensors of this file, by type name.
    missing_bytes: how much of the tensors lies behind the end of the file.
    fills_in: whether the vocabulary has marks for filling a gap in a text.
    """

    values: Mapping[str, Value]
    parameters: Mapping[str, int]
    missing_bytes: int
    fills_in: bool = False


def read_header(path: Path) -> Header:
    """Raises BrokenHeader for what is not a whole GGUF header, OSError for what cannot be read."""
    # Not mapped: a file that shrinks under a map kills the process.
    for limit in READ_BYTES:
        with path.open("rb") as file:
            data = file.read(limit)
        if data[:4] != b"GGUF":
            raise BrokenHeader("it is not a GGUF file")
        try:
            return _Cursor(data).header(path.stat().st_size)
        except (struct.error, IndexError):
            if len(data) < limit:
                break
    raise BrokenHeader("its header is cut off")


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 4

    def header(self, size_bytes: int) -> Header:
        version = self._number(KIND)
        if version not in VERSIONS:
            raise BrokenHeader("its GGUF version is not supported (2 and 3 are)")
        tensors, pairs = self._count(), self._count()
        values: dict[str, Value] = {}
        vocabulary = b""
        for _ in range(pairs):
            key = self._string()
            start = self._at
            value = self._value(self._number(KIND))
            if value is not None:
                values[key] = value
            elif key == VOCABULARY:
                vocabulary = self._data[start : self._at]
        parameters: Counter[str] = Counter()
        end = 0
        for _ in range(tensors):
            name, size, stop = self._tensor()
            parameters[name] += size
            end = max(end, stop)
        alignment = values.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment <= 0:
            raise BrokenHeader("its alignment is not a positive number")
        start = -(-self._at // alignment) * alignment
        missing = max(0, start + end - size_bytes) if end else 0
        return Header(values, dict(parameters), missing, fills_in(values, vocabulary))

    def _number(self, form: struct.Struct) -> int:
        (number,) = form.unpack_from(self._data, self._at)
        self._at += form.size
        return int(number)

    def _count(self) -> int:
        count = self._number(LENGTH)
        if count > COUNT_LIMIT:
            raise BrokenHeader("its header is damaged")
        return count

    def _string(self) -> str:
        end = self._count() + self._at
        if end > len(self._data):
            raise IndexError(end)
        text = self._data[self._at : end].decode("utf-8", "replace")
        self._at = end
        return text

    def _value(self, kind: int) -> Value | None:
        if kind == STRING:
            return self._string()
        if kind == ARRAY:
            return self._array()
        form = _form(kind)
        (value,) = form.unpack_from(self._data, self._at)
        self._at += form.size
        number: Scalar = value
        return number

    def _array(self, depth: int = 1) -> tuple[int, ...] | None:
        if depth > DEPTH_LIMIT:
            raise BrokenHeader("its header is damaged")
        kind, count = self._number(KIND), self._count()
        if kind in WHOLE and count <= LAYER_LIMIT:
            return tuple(self._number(SCALARS[kind]) for _ in range(count))
        if kind == ARRAY:
            for _ in range(count):
                self._array(depth + 1)
        elif kind == STRING:
            data, at, unpack = self._data, self._at, LENGTH.unpack_from
            for _ in range(count):
                at += 8 + unpack(data, at)[0]
            self._at = at
        else:
            self._at += count * _form(kind).size
        return None

    def _tensor(self) -> tuple[str, int, int]:
        """Type name, number of values, end relative to the start of the tensor data."""
        self._string()
        dimensions = self._number(KIND)
        if dimensions > 8:
            raise BrokenHeader("its header is damaged")
        size = prod(self._number(LENGTH) for _ in range(dimensions))
        kind, offset = self._number(KIND), self._number(LENGTH)
        name, block, block_bytes = TENSOR_TYPES.get(kind, (f"type {kind}", 1, 0))
        return name, size, offset + size // block * block_bytes


def _form(kind: int) -> struct.Struct:
    if kind not in SCALARS:
        raise BrokenHeader("its header is damaged")
    return SCALARS[kind]
