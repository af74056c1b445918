"""Text to tokens and back."""

import ctypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from trinax.llama.library import native
from trinax.llama.weights import Weights

SPECIAL = native.LLAMA_TOKEN_ATTR_CONTROL | native.LLAMA_TOKEN_ATTR_USER_DEFINED


@dataclass(frozen=True, slots=True)
class Special:
    """A token that is written as one mark. control: text is never tokenised to it by itself.
    trims_left, trims_right: white space beside it does not count."""

    token: int
    control: bool
    trims_left: bool
    trims_right: bool


@dataclass(frozen=True, slots=True)
class Infill:
    """Tokens for fill-in-the-middle; each is None where the vocabulary has none."""

    prefix: int | None
    suffix: int | None
    middle: int | None


@dataclass(frozen=True, slots=True)
class Marks:
    """Tokens around one text; opening, between and ending: around and between two."""

    opening: tuple[int, ...]
    closing: tuple[int, ...]
    between: tuple[int, ...]
    ending: tuple[int, ...]


class Vocabulary:
    """Lives as long as its weights."""

    def __init__(self, weights: Weights) -> None:
        self.pointer = native.llama_model_get_vocab(weights.pointer)
        self.size: int = native.llama_vocab_n_tokens(self.pointer)
        bos: int = native.llama_vocab_bos(self.pointer)
        adds_bos = native.llama_vocab_get_add_bos(self.pointer)
        self.prefix: tuple[int, ...] = (bos,) if adds_bos and bos >= 0 else ()
        self.bos = self.text(bos)
        self.eos = self.text(native.llama_vocab_eos(self.pointer))
        self._pieces: dict[int, bytes] = {}

    @property
    def infill(self) -> Infill:
        found = (
            native.llama_vocab_fim_pre(self.pointer),
            native.llama_vocab_fim_suf(self.pointer),
            native.llama_vocab_fim_mid(self.pointer),
        )
        prefix, suffix, middle = (token if token >= 0 else None for token in found)
        return Infill(prefix, suffix, middle)

    @property
    def marks(self) -> Marks:
        """As llama.cpp puts them around a text, and its server around a question and a document.

        llama.cpp itself ends the process where a vocabulary lacks the mark that it asks for.
        """
        sep: int = native.llama_vocab_sep(self.pointer)
        eos: int = native.llama_vocab_eos(self.pointer)
        separator = (sep,) if sep >= 0 else ()
        end = (eos,) if eos >= 0 else separator
        ending = end if native.llama_vocab_get_add_eos(self.pointer) else ()
        is_bert = native.llama_vocab_type(self.pointer) == native.LLAMA_VOCAB_TYPE_WPM
        return Marks(
            opening=self.prefix,
            closing=separator if is_bert else ending,
            between=ending + (separator if native.llama_vocab_get_add_sep(self.pointer) else ()),
            ending=ending,
        )

    def tokens(self, text: str) -> list[int]:
        """Of plain text: control tokens in it are letters like any other."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 2  # a token has a byte or more; a space may be put before
        while True:
            buffer = (native.llama_token * room)()
            count = native.llama_tokenize(self.pointer, data, len(data), buffer, room, False, False)
            if count >= 0:
                return list(buffer[:count])
            room = -count  # normalising made the text longer

    def piece(self, token: int) -> bytes:
        """What a token writes; b"" for a control token."""
        piece = self._pieces.get(token)
        if piece is None:
            piece = self._pieces[token] = self.spelling(token, special=False)
        return piece

    def spelling(self, token: int, special: bool = True) -> bytes:
        """What a token writes. special: control tokens as their marks."""
        room = 64
        while True:
            buffer = ctypes.create_string_buffer(room)
            size = native.llama_token_to_piece(self.pointer, token, buffer, room, 0, special)
            if size >= 0:
                return buffer.raw[:size]
            room = -size

    @cached_property
    def specials(self) -> Mapping[str, Special]:
        """Tokens that are written as one mark, by that mark."""
        return dict(self._specials())

    @cached_property
    def closing(self) -> frozenset[int]:
        """Tokens that end a generation."""
        ends = native.llama_vocab_is_eog
        return frozenset(token for token in range(self.size) if ends(self.pointer, token))

    def text(self, token: int) -> str:
        """A token as the vocabulary lists it; "" for none (-1)."""
        if token < 0:
            return ""
        text: bytes | None = native.llama_vocab_get_text(self.pointer, token)
        return (text or b"").decode("utf-8", "replace")

    def _specials(self) -> Iterator[tuple[str, Special]]:
        attributes = native.llama_vocab_get_attr
        for token in range(self.size):
            attribute = attributes(self.pointer, token)
            text = self.text(token) if attribute & SPECIAL else ""
            if text.strip():
                yield (
                    text,
                    Special(
                        token,
                        control=bool(attribute & native.LLAMA_TOKEN_ATTR_CONTROL),
                        trims_left=bool(attribute & native.LLAMA_TOKEN_ATTR_LSTRIP),
                        trims_right=bool(attribute & native.LLAMA_TOKEN_ATTR_RSTRIP),
                    ),
                )
