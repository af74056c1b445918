"""The built-in model: a text's vector is the normalised, evened sum of its tokens' vectors."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trinax.documents.tokens import count, encoding, normalised
from trinax.embedding import table
from trinax.embedding.ports import Reading, Vectors
from trinax.errors import InvalidRequest, ModelFailed

ID = "trinax-embed"
# Part of the fingerprint: raise it whenever a text would get another vector of the same table.
READING = 2
# How much less a token counts the more it points where its text does, 0 to 1. Many tokens that
# say one thing drown those that say another; measured in docs/decisions/0004.
EVENING = 0.6
# Words remembered with their tokens; a book has some 10 000 different ones.
REMEMBERED_WORDS = 131_072
# Longer runs (Chinese sentences, base64) hardly come again.
REMEMBERED_CHARACTERS = 32
# Rows of the table read at a time: 1.3 MB, which stays in a core's cache.
BLOCK_TOKENS = 1024
# Stands in for the norm of nothing.
TINY = 1e-30

# Punctuation carries no meaning in a bag of words, and "(word", "_word" and " word" would
# otherwise be three tokens. ASCII is blanked by table, which takes a tenth of the time.
_BLANKED = bytes(code if code > 127 or chr(code).isalnum() else 32 for code in range(256))
_PUNCTUATION = re.compile(
    "[\u0080-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7"
    "\u2000-\u206f\u2190-\u2bff\u3000-\u3004\u3008-\u3020\u3030\u303d\u30fb\ufffd]"
)


def canonical(text: str) -> str:
    """The form that is embedded: normalised, with a blank for punctuation."""
    text = normalised(text)
    if not text.isascii():
        text = _PUNCTUATION.sub(" ", text)
    return text.encode(errors="replace").translate(_BLANKED).decode()


def words(text: str) -> Counter[str]:
    """How often each word stands in the text, in the order of first appearance."""
    return Counter(canonical(text).split())


class WordTokens(dict[str, bytes]):
    """word → its token ids as native uint16; remembers what it has tokenised.

    Looking a word up takes a tenth of the time of encoding it again. Any thread may use it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._encode = encoding().encode_ordinary

    def __missing__(self, word: str) -> bytes:
        tokens = np.array(self._encode(" " + word), np.uint16).tobytes()
        if len(word) <= REMEMBERED_CHARACTERS:
            if len(self) >= REMEMBERED_WORDS:
                self.clear()
            self[word] = tokens
        return tokens

    def of(self, text: str) -> NDArray[np.uint16]:
        """Token ids of the text's words: each once, and once more whenever its number doubles.

        Repetition says what a text is about, but less and less: counting it in full, or once
        only, costs a tenth of the nDCG on abstracts, or a tenth on code.
        """
        tokens = [self[word] * number.bit_length() for word, number in words(text).items()]
        return np.frombuffer(b"".join(tokens), np.uint16)


class StaticEmbedder:
    """Embeds with a table of token vectors, the shipped one unless another file is given.

    Raises ModelFailed for a file that is no table over the shipped ranks.
    """

    def __init__(self, file: Path | None = None) -> None:
        content = _content(file or files("trinax.embedding").joinpath("static.npz"))
        self._table = _table(content)
        rows, scales = self._table.rows, self._table.scales
        # Not by floats: the table has four times as many bytes of them.
        norms = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float32))
        self._damping = EVENING * scales / np.maximum(norms, TINY)
        self._tokens = WordTokens()
        self._fingerprint = f"{ID}-{READING}-{blake2b(content, digest_size=8).hexdigest()}"

    @property
    def id(self) -> str:
        return ID

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def width(self) -> int:
        return int(self._table.rows.shape[1])

    @property
    def limit_tokens(self) -> int | None:
        return None

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._sums(map(self._tokens.of, texts), len(texts))

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self.passages(texts)

    def read(self, passage: str | Sequence[int]) -> Reading:
        if not isinstance(passage, str):
            # Its tokens are its own, and clients that send ids unasked send those of OpenAI's.
            raise InvalidRequest(f"{ID!r} takes no token ids; send the text instead.")
        return Reading(self._tokens.of(passage).tolist(), count(passage))

    def vectors(self, readings: Sequence[Reading]) -> Vectors:
        rows = (np.array(reading.tokens, np.uint16) for reading in readings)
        return self._sums(rows, len(readings))

    def close(self) -> None:
        """Nothing is held but memory."""

    def _sums(self, rows: Iterable[NDArray[np.uint16]], number: int) -> Vectors:
        vectors = np.zeros((number, self.width), np.float32)
        block = _Block(self._table.rows)
        for vector, tokens in zip(vectors, rows, strict=True):
            starts = range(0, len(tokens), BLOCK_TOKENS)
            parts = [tokens[start : start + BLOCK_TOKENS] for start in starts]
            for part in parts:
                vector += self._table.scales.take(part) @ block.rows(part)
            direction = vector / max(float(np.linalg.norm(vector)), TINY)
            for part in parts:
                gathered = block.rows(part)
                vector -= (gathered @ direction * self._damping.take(part)) @ gathered
        return table.unit_rows(vectors)


class _Block:
    """Room for some of a table's rows as floats; those it gave last are not read again."""

    def __init__(self, rows: NDArray[np.int8]) -> None:
        self._rows = rows
        self._read = np.empty((BLOCK_TOKENS, rows.shape[1]), np.int8)
        self._floats = np.empty(self._read.shape, np.float32)
        self._last: NDArray[np.uint16] | None = None

    def rows(self, tokens: NDArray[np.uint16]) -> Vectors:
        floats = self._floats[: len(tokens)]
        if tokens is not self._last:
            read = self._read[: len(tokens)]
            # Token ids are below the table's length; "clip" writes into read unbuffered.
            np.copyto(floats, self._rows.take(tokens, axis=0, out=read, mode="clip"))
            self._last = tokens
        return floats


def _content(file: Traversable) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise ModelFailed(ID, f"{file.name} cannot be read ({exc.strerror})") from exc


def _table(content: bytes) -> table.Table:
    try:
        read = table.read(content)
    except ValueError as exc:
        raise ModelFailed(ID, f"its file holds {exc}") from exc
    if len(read.rows) != encoding().n_vocab:
        raise ModelFailed(ID, "its file was made for other ranks")
    return read
