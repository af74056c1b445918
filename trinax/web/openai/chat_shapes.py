"""OpenAI's chat.completion and its chunks, as JSON."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from trinax.models.ports import FinishReason
from trinax.web.wire import rendering

ChatFinish = FinishReason | Literal["function_call"]


class ChatCalled(TypedDict):
    """arguments: JSON text."""

    name: str
    arguments: str


class ChatCall(TypedDict):
    id: str
    type: Literal["function"]
    function: ChatCalled


class ChatAnswer(TypedDict):
    """content: null where there are only calls. reasoning_content: what was thought first.
    function_call: where the tools came as functions."""

    role: Literal["assistant"]
    content: str | None
    refusal: None
    reasoning_content: NotRequired[str]
    tool_calls: NotRequired[list[ChatCall]]
    function_call: NotRequired[ChatCalled]


class ChatLogprobs(TypedDict):
    content: list[rendering.Logprob]
    refusal: None


class ChatChoice(TypedDict):
    index: int
    message: ChatAnswer
    logprobs: ChatLogprobs | None
    finish_reason: ChatFinish


class ChatPromptDetails(TypedDict):
    """cached_tokens: those that were not computed anew."""

    cached_tokens: int


class ChatCompletionDetails(TypedDict):
    """reasoning_tokens: those that were thought."""

    reasoning_tokens: int


class ChatUsage(TypedDict):
    """Of all choices together; the prompt, which they share, counts once."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: ChatPromptDetails
    completion_tokens_details: ChatCompletionDetails


class ChatTold(TypedDict):
    """What trinax says about an answer. timing: milliseconds."""

    route: rendering.Route
    grounding: rendering.Grounding
    left_out: rendering.LeftOut
    timing: rendering.Timing


class ChatDetails(ChatTold):
    model: str
    project: None
    sources: list[rendering.Source]


class ChatCompletion(TypedDict):
    """created: seconds since the epoch."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoice]
    usage: ChatUsage
    trinaxai: ChatDetails


class ChatCalledPart(TypedDict):
    """name: in the first part only."""

    name: NotRequired[str]
    arguments: str


class ChatCallPart(TypedDict):
    """id, type: in the first part only."""

    index: int
    id: NotRequired[str]
    type: NotRequired[Literal["function"]]
    function: ChatCalledPart


class ChatDelta(TypedDict):
    """role: in the first chunk of a choice. function_call: where the tools came as functions."""

    role: NotRequired[Literal["assistant"]]
    content: NotRequired[str]
    reasoning_content: NotRequired[str]
    tool_calls: NotRequired[list[ChatCallPart]]
    function_call: NotRequired[ChatCalledPart]


class ChatChunkChoice(TypedDict):
    """finish_reason: in the last chunk of a choice, else null."""

    index: int
    delta: ChatDelta
    logprobs: ChatLogprobs | None
    finish_reason: ChatFinish | None


class ChatChunk(TypedDict):
    """usage: where it was asked for, and null before the last. trinaxai_sources, trinaxai: of the
    last, which has no choices."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[ChatChunkChoice]
    usage: NotRequired[ChatUsage | None]
    trinaxai_sources: NotRequired[list[rendering.Source]]
    trinaxai: NotRequired[ChatTold]
