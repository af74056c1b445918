"""What the rest of trinax asks of a model."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from trinax.index.records import Passage

ModelKind = Literal["generate", "embed", "rank", "extract"]
FinishReason = Literal["stop", "length", "tool_calls"]
Lane = Literal["interactive", "task", "background"]
Channel = Literal["answer", "reasoning"]
JsonSchema = Mapping[str, Any]

# Not a model's id: leaves the choice to the server.
AUTO = "auto"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One row of the catalogue.

    kind: "generate" writes, "embed" embeds, "rank" scores a text against a query, "extract" quotes.
    roles: of "fast", "coder", "general", "deep", "embed", "rank".
    context_tokens: None where there is no limit or it is unknown.
    source: "file" in the models folder, "builtin", or the name of an upstream.
    template: whether it brings a chat template. fills_in: whether it was trained to fill a gap in a
    text (Infilling with a suffix). pooling: how an embedder makes one vector of many.
    problem: why the file cannot be used, "" if it can. fits: False if it needs more memory than
    all models may take. paid: whether its answers cost money.
    """

    id: str
    kind: ModelKind
    architecture: str = ""
    parameters: int = 0
    quantisation: str = ""
    size_bytes: int = 0
    context_tokens: int | None = None
    roles: tuple[str, ...] = ()
    created_s: int = 0
    problem: str = ""
    source: str = "file"
    template: bool = False
    fills_in: bool = False
    pooling: str = ""
    fits: bool = True
    paid: bool = False


@dataclass(frozen=True, slots=True)
class ToolCall:
    """arguments: JSON text as the model wrote it, which need not be valid."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """reasoning, tool_calls: of an assistant. tool_call_id, name: of what a tool gave back."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """parameters: a JSON schema of the arguments object. strict: arguments must match it."""

    name: str
    description: str = ""
    parameters: JsonSchema = field(default_factory=dict)
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Tools:
    """What a model may call. choice: "required" is at least one call, "named" is one of `name`."""

    tools: tuple[Tool, ...] = ()
    choice: Literal["auto", "none", "required", "named"] = "auto"
    name: str = ""
    parallel: bool = True


NO_TOOLS = Tools()


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """The answer is JSON that matches schema; {} is any object."""

    schema: JsonSchema = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Infilling:
    """Text to continue as it is, without a chat template; suffix: what follows the gap."""

    prompt: str | tuple[int, ...]
    suffix: str | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """OpenAI's parameters with OpenAI's meaning; None is "the model's default".

    repetition_penalty: over prompt and answer (CTRL), 1 = off; the other two: over the answer.
    logprobs: how many alternatives each token's log probability comes with; None for none at all.
    ignore_eos: write on until max_tokens or a stop string.
    """

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
    logprobs: int | None = None
    ignore_eos: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """Who asks and how urgently. key: requests of one key take turns with those of others.
    limit_s: the longest that waiting and writing may take together; None for no limit.
    paid: whether models that cost money may answer."""

    lane: Lane = "interactive"
    key: str = ""
    limit_s: float | None = None
    paid: bool = True


@dataclass(frozen=True, slots=True)
class Generation:
    """One request to write. A language model reads messages (the passages stand in them, fenced
    and numbered), or infilling instead of them; the extractive model reads question and
    passages (passages[i] is [i + 1]).

    confidence: retrieval's, None when retrieval was not asked for. aspects: parts of the question
    that are each to be answered, () where it has none. scores: retrieval's for the passages, ()
    where they are not known.
    format: None for free text. reasoning: how much of it is wanted where a model can choose
    ("none", "low", "medium", "high"), None for the model's own way.
    """

    messages: tuple[Message, ...]
    question: str
    passages: tuple[Passage, ...] = ()
    confidence: float | None = None
    aspects: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    sampling: Sampling = Sampling()
    tools: Tools = Tools()
    format: JsonFormat | None = None
    reasoning: str | None = None
    infilling: Infilling | None = None
    turn: Turn = Turn()


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A written token and how likely it was; before temperature, penalties and grammar.
    top: the likeliest tokens at its place, best first. Logarithms are natural, ≤ 0."""

    token: str
    bytes: bytes
    logprob: float
    top: tuple["TokenLogprob", ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """The next text of one choice; never a broken character, empty only if it has logprobs."""

    text: str
    choice: int = 0
    channel: Channel = "answer"
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class CallPiece:
    """The next part of a tool call. index: which call of the choice, from 0. id and name come
    once, with the first part; arguments are appended."""

    index: int
    arguments: str
    id: str = ""
    name: str = ""
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Finish:
    """The last event of one choice. prompt_tokens counts the whole prompt, cached_tokens those
    of it that were not computed anew, reasoning_tokens those of completion_tokens that were
    thought. waited_s: from the request to its turn, None where that is not known."""

    reason: FinishReason
    prompt_tokens: int
    completion_tokens: int
    choice: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    waited_s: float | None = field(default=None, compare=False)


GenerationEvent = Piece | CallPiece | Finish


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a model is. wait_s: what a new request would wait, estimated. places: of each key
    that waits, where the first of its requests stands in the order of service, from 1."""

    model: str
    running: int
    waiting: int
    capacity: int
    wait_s: float
    places: Mapping[str, int] = field(default_factory=dict)


class Generator(Protocol):
    """Implemented by LlamaGenerator, UpstreamGenerator and ExtractiveGenerator."""

    @property
    def info(self) -> ModelInfo: ...

    def prompt_tokens(self, messages: Sequence[Message], tools: Tools = NO_TOOLS) -> int:
        """Length of the rendered prompt in the model's own tokens; may block for milliseconds."""

    def ignored(self, generation: Generation) -> tuple[str, ...]:
        """API names of the parameters that were set and have no effect on this model."""

    def generate(self, generation: Generation) -> AsyncIterator[GenerationEvent]:
        """Pieces, then one Finish for each choice. Closing the iterator stops the model within a
        token. Raises ContextLengthExceeded, InvalidRequest and UnsupportedParameter before the
        first piece; Busy, ModelFailed, TimedOut."""

    def load(self) -> Load: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Ranking:
    """scores: one for each text, in [0, 1], higher is better. cut: places of the texts whose end
    the model had no room for."""

    scores: tuple[float, ...]
    cut: tuple[int, ...] = ()


class Ranker(Protocol):
    """Scores texts against a query."""

    @property
    def id(self) -> str: ...

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """As ranking(), where it does not matter what was cut."""

    def ranking(self, query: str, texts: Sequence[str]) -> Ranking:
        """In the order of the texts. Raises InvalidRequest for a query that is too long,
        ModelFailed. Blocks."""

    def close(self) -> None: ...
