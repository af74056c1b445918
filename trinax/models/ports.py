"""What the rest of trinax asks of a model that writes."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from trinax.index.records import Passage

FinishReason = Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One row of the catalogue.

    kind: "generate" writes, "embed" embeds, "extract" quotes.
    roles: of "fast", "coder", "general", "deep", "embed".
    context_tokens: None where there is no limit or it is unknown.
    problem: why the file cannot be used, "" if it can.
    """

    id: str
    kind: Literal["generate", "embed", "extract"]
    architecture: str = ""
    parameters: int = 0
    quantisation: str = ""
    size_bytes: int = 0
    context_tokens: int | None = None
    roles: tuple[str, ...] = ()
    created_s: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant", "tool"]
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """OpenAI's parameters with OpenAI's meaning; None is "the model's default"."""

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    stop: tuple[str, ...] = ()
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    repetition_penalty: float = 1.0
    logit_bias: Mapping[int, float] = field(default_factory=dict)
    seed: int | None = None
    n: int = 1


@dataclass(frozen=True, slots=True)
class Generation:
    """One request to write. A language model reads messages (the passages stand in them, fenced
    and numbered); the extractive model reads question and passages (passages[i] is [i + 1]).
    confidence: retrieval's, None when retrieval was not asked for."""

    messages: tuple[Message, ...]
    question: str
    passages: tuple[Passage, ...] = ()
    confidence: float | None = None
    sampling: Sampling = Sampling()


@dataclass(frozen=True, slots=True)
class Piece:
    """The next text of one choice; never a broken character, never empty."""

    text: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Finish:
    """The last event of one choice. prompt_tokens counts the whole prompt."""

    reason: FinishReason
    prompt_tokens: int
    completion_tokens: int
    choice: int = 0


class Generator(Protocol):
    """Implemented by LlamaGenerator and ExtractiveGenerator."""

    @property
    def info(self) -> ModelInfo: ...

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """Length of the rendered prompt in the model's own tokens; may block for milliseconds."""

    def ignored(self, sampling: Sampling) -> tuple[str, ...]:
        """Names of the parameters that were set and have no effect on this model."""

    def generate(self, generation: Generation) -> AsyncIterator[Piece | Finish]:
        """Pieces, then one Finish for each choice. Closing the iterator stops the model within a
        token. Raises ContextLengthExceeded before the first piece, Busy, ModelFailed."""

    def close(self) -> None: ...
