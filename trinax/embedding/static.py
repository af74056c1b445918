"""The built-in model: a text's vector is the normalised sum of its tokens' vectors."""

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
# Part of the fingerprint: raise it whenever canonical() or words() changes what it gives.
NORMALISATION = 1
# Words remembered with their tokens; a book has some 10 000 different ones.
REMEMBERED_WORDS = 131_072
# Longer runs (Chinese sentences, base64) hardly come again.
REMEMBERED_CHARACTERS = 32
# Rows of the table added at a time: 1 MB, which stays in a core's cache.
BLOCK_TOKENS = 1024

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
        self._vectors = _vectors(content)
        self._tokens = WordTokens()
        self._fingerprint = f"{ID}-{NORMALISATION}-{blake2b(content, digest_size=8).hexdigest()}"

    @property
    def id(self) -> str:
        return ID

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def width(self) -> int:
        return int(self._vectors.shape[1])

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
        block = np.empty((BLOCK_TOKENS, self.width), np.float32)
        for vector, row in zip(vectors, rows, strict=True):
            for start in range(0, len(row), BLOCK_TOKENS):
                part = row[start : start + BLOCK_TOKENS]
                # Token ids are below the table's length; "clip" writes into block unbuffered.
                gathered = self._vectors.take(part, axis=0, out=block[: len(part)], mode="clip")
                vector += np.add.reduce(gathered, axis=0)
        return table.unit_rows(vectors)


def _content(file: Traversable) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise ModelFailed(ID, f"{file.name} cannot be read ({exc.strerror})") from exc


def _vectors(content: bytes) -> Vectors:
    try:
        vectors = table.read(content)
    except ValueError as exc:
        raise ModelFailed(ID, f"its file holds {exc}") from exc
    if len(vectors) != encoding().n_vocab:
        raise ModelFailed(ID, "its file was made for other ranks")
    return vectors
