"""Spans of a chat prompt to tokens, so that only the template can write special ones."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from trinax.models.chat.spans import Span


class Special(Protocol):
    """See llama.vocabulary.Special."""

    @property
    def token(self) -> int: ...
    @property
    def control(self) -> bool: ...
    @property
    def trims_left(self) -> bool: ...
    @property
    def trims_right(self) -> bool: ...


class Tokeniser(Protocol):
    """See llama.vocabulary.Vocabulary."""

    prefix: tuple[int, ...]

    @property
    def specials(self) -> Mapping[str, Special]: ...

    def tokens(self, text: str) -> list[int]: ...


def prompt_tokens(
    spans: Sequence[Span], vocabulary: Tokeniser, marks: Collection[str] = ()
) -> list[int]:
    """The prompt as llama.cpp itself would cut it, but for special tokens in untrusted spans.

    Plain text on both sides of a border between spans is one run, for tokens may cross it. The
    tokeniser takes control tokens in a run for letters; marks that it would still recognise
    (user-defined tokens) are broken up when the template uses them itself, or when they are among
    `marks`, which mean something to the model wherever they stand.
    """
    specials = vocabulary.specials
    written = _written("\n".join(span.text for span in spans if span.trusted), specials)
    used = {text: specials[text] for text in specials.keys() & (written | {*marks})}
    guarded = _any_of([text for text, special in used.items() if not special.control])
    tokens: list[int] = []
    for run in _runs(spans, used):
        if isinstance(run, int):
            tokens.append(run)
        else:
            for part in _broken_up(run, guarded):
                tokens += vocabulary.tokens(part)
    bos = list(vocabulary.prefix)
    return tokens if tokens[: len(bos)] == bos else bos + tokens


def _written(text: str, marks: Collection[str]) -> set[str]:
    """What in a text may be one of the marks, of which vocabularies have up to thousands."""
    firsts, lengths = {mark[0] for mark in marks}, {len(mark) for mark in marks}
    places = [place for place, letter in enumerate(text) if letter in firsts]
    return {text[place : place + length] for place in places for length in lengths}


def _runs(spans: Sequence[Span], used: Mapping[str, Special]) -> Iterator[str | int]:
    """Plain text and the ids of special tokens, in turn."""
    marks, plain, trims = _any_of(list(used)), "", False
    for span in spans:
        parts = marks.split(span.text) if span.trusted and marks else [span.text]
        for index, part in enumerate(parts):
            if index % 2 == 0:
                plain += part.lstrip() if trims and not plain else part
                continue
            special = used[part]
            plain = plain.rstrip() if special.trims_left else plain
            if plain:
                yield plain
            yield special.token
            plain, trims = "", special.trims_right
    if plain:
        yield plain


def _any_of(texts: Sequence[str]) -> re.Pattern[str] | None:
    longest_first = sorted(texts, key=len, reverse=True)
    return re.compile("(" + "|".join(map(re.escape, longest_first)) + ")") if texts else None


def _broken_up(text: str, guarded: re.Pattern[str] | None) -> Iterator[str]:
    """The text in parts of which none holds a guarded mark."""
    start = 0
    for mark in guarded.finditer(text) if guarded else ():
        yield text[start : mark.start() + 1]
        start = mark.start() + 1
    yield text[start:]
