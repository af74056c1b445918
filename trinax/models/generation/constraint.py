"""Answers that must follow a grammar: the only importer of llguidance."""

import re
import threading
from collections.abc import Sequence
from itertools import takewhile

import numpy as np
from llguidance import LLMatcher, LLTokenizer, TokenizerWrapper

from trinax.errors import InvalidRequest
from trinax.llama.context import Logits
from trinax.llama.vocabulary import Vocabulary

EXCERPT = re.compile(r"\s*\d+ \|")
PLACE = re.compile(r"^at \d+\(\d+\): ")
BEFORE = "\x02"  # no vocabulary joins it with what follows


class Constraint:
    """Which tokens may come next; made by Grammars."""

    def __init__(self, matcher: LLMatcher, closing: frozenset[int]) -> None:
        self._matcher = matcher
        self._closing = closing

    def copy(self) -> "Constraint":
        return Constraint(self._matcher.deep_copy(), self._closing)

    def apply(self, logits: Logits) -> None:
        """Forbid, in place, every token that the grammar does not take."""
        bits = np.frombuffer(self._matcher.compute_bitmask(), np.uint8)
        allowed = np.unpackbits(bits, count=len(logits), bitorder="little").view(bool)
        if self._closing and self._matcher.is_accepting():
            allowed[list(self._closing)] = True  # llguidance knows of one
        np.copyto(logits, -np.inf, where=~allowed)

    def accept(self, token: int) -> None:
        if token not in self._closing:
            self._matcher.consume_token(token)

    @property
    def fulfilled(self) -> bool:
        """Whether nothing can follow."""
        return bool(self._matcher.is_stopped()) and not self.broken

    @property
    def broken(self) -> bool:
        """Whether the grammar can no longer be followed: what is written so far is not whole."""
        return bool(self._matcher.is_error())

    @property
    def problem(self) -> str:
        """Why it is broken."""
        return str(self._matcher.get_error())


class Grammars:
    """Compiles grammars for one vocabulary. Thread-safe."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._lock = threading.Lock()
        self._tokenizer: LLTokenizer | None = None

    def constraint(self, grammar: str, param: str) -> Constraint:
        """grammar: in llguidance's variant of Lark. The first takes up to a second.

        Raises InvalidRequest, saying what of the schema is not supported; param: whose it is.
        """
        with self._lock:
            self._tokenizer = self._tokenizer or _tokenizer(self._vocabulary)
        matcher = LLMatcher(self._tokenizer, LLMatcher.grammar_from_lark(grammar), log_level=0)
        if matcher.is_error():
            raise InvalidRequest(
                f"{param!r} cannot be honoured: {_reason(matcher.get_error())}.", param
            )
        return Constraint(matcher, self._vocabulary.closing)


class _Tokens:
    """A vocabulary in the shape that TokenizerWrapper reads."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.eos_token_id = min(vocabulary.closing, default=0)
        self.bos_token_id = None
        self._before = vocabulary.tokens(BEFORE)
        specials = {special.token for special in vocabulary.specials.values() if special.control}
        self.tokens = [vocabulary.spelling(token) for token in range(vocabulary.size)]
        self.special_token_ids = sorted(specials)
        controls = frozenset(specials)
        self._spelled = {
            spelled: token
            for token, spelled in enumerate(self.tokens)
            if spelled and token not in controls
        }
        self._longest = max(map(len, self._spelled), default=0)

    def __call__(self, text: bytes) -> Sequence[int]:
        # Some vocabularies put a space before every text; here it is a continuation.
        tokens = self._vocabulary.tokens(BEFORE + text.decode("utf-8", "replace"))
        tokens = tokens[len(self._before) :]
        # They put one behind a mark within the text too, and then it is another text.
        if b"".join(self.tokens[token] for token in tokens) == text:
            return tokens
        return self._longest_first(text)

    def _longest_first(self, text: bytes) -> list[int]:
        """As much of the text as tokens spell, each as long as can be."""
        tokens: list[int] = []
        at = 0
        while at < len(text):
            ends = range(min(len(text), at + self._longest), at, -1)
            end = next((end for end in ends if text[at:end] in self._spelled), None)
            if end is None:
                break
            tokens.append(self._spelled[text[at:end]])
            at = end
        return tokens


def _tokenizer(vocabulary: Vocabulary) -> LLTokenizer:
    return LLTokenizer(TokenizerWrapper(_Tokens(vocabulary)), n_vocab=vocabulary.size)


def _reason(error: str) -> str:
    """Without llguidance's place in a grammar that nobody but it has seen."""
    lines = takewhile(lambda line: not EXCERPT.match(line), error.splitlines())
    return PLACE.sub("", " ".join(line.strip() for line in lines if line.strip()))
