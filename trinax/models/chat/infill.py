"""Text to continue or to fill in, as tokens."""

from typing import Protocol

from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.chat.prompt import Tokeniser, prompt_tokens
from trinax.models.chat.spans import Span
from trinax.models.ports import Infilling


class Marks(Protocol):
    """See llama.vocabulary.Infill."""

    @property
    def prefix(self) -> int | None: ...
    @property
    def suffix(self) -> int | None: ...
    @property
    def middle(self) -> int | None: ...


class Vocabulary(Tokeniser, Protocol):
    """See llama.vocabulary.Vocabulary."""

    size: int

    @property
    def infill(self) -> Marks: ...


def infill_tokens(infilling: Infilling, vocabulary: Vocabulary) -> list[int]:
    """The prompt, with a suffix in the order prefix, suffix, middle, as llama.cpp's server has it.

    Special tokens that a text prompt spells count, for editors write the marks of fill-in-the-
    middle themselves; beside a suffix they are letters. Token ids stay as they are. Raises
    InvalidRequest for ids that the vocabulary does not have, UnsupportedParameter.
    """
    prompt, suffix = infilling.prompt, infilling.suffix
    if isinstance(prompt, tuple):
        _check(prompt, vocabulary.size)
    marks = vocabulary.infill
    if suffix is None or (suffix == "" and marks.middle is None):
        return _continued(prompt, vocabulary)
    if marks.prefix is None or marks.suffix is None or marks.middle is None:
        reason = "the vocabulary of this model has no tokens for filling in"
        raise UnsupportedParameter("suffix", reason)
    before = list(prompt) if isinstance(prompt, tuple) else vocabulary.tokens(prompt)
    after = vocabulary.tokens(suffix)
    return [*vocabulary.prefix, marks.prefix, *before, marks.suffix, *after, marks.middle]


def _continued(prompt: str | tuple[int, ...], vocabulary: Vocabulary) -> list[int]:
    if isinstance(prompt, tuple):
        return list(prompt)
    return prompt_tokens([Span(prompt, trusted=True)], vocabulary)


def _check(tokens: tuple[int, ...], size: int) -> None:
    wrong = next((token for token in tokens if not 0 <= token < size), None)
    if wrong is not None:
        message = f"Token {wrong} is not in this model's vocabulary, which has {size} tokens."
        raise InvalidRequest(message, "prompt")
