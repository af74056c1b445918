"""The body of POST /v1/chat/completions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

from pydantic import Field

from trinax.answering.records import Ask
from trinax.answering.routing.route import AUTO
from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Message, Sampling
from trinax.web.declaring.attachments import AttachmentBody, attachments
from trinax.web.declaring.body import IGNORED, Body, Unsupported, Whole
from trinax.web.openai.chat_messages import ChatMessage, files, messages
from trinax.web.openai.chat_tools import ChatFormat, ToolsBody, chat_tools, json_format
from trinax.web.openai.sampling import (
    Effort,
    SamplingBody,
    TokenLimit,
    TopLogprobs,
    effort,
    limit_tokens,
    sampling_fields,
)

CHOICES_LIMIT = 8


class ChatStreamOptions(Body):
    include_usage: bool = False
    include_obfuscation: Annotated[Any, IGNORED] = None


class ChatWebSearch(Body):
    """Being there, it asks for a search of the web."""

    search_context_size: Annotated[Any, IGNORED] = None
    user_location: Annotated[Any, IGNORED] = None


class ChatWriting(SamplingBody, ToolsBody):
    """All but what is answered. collections: absent for all, [] to answer without retrieval.
    attachments: files that the answer is to be taken from too."""

    attaches: ClassVar[bool] = True

    model: str = AUTO
    collections: list[str] | None = None
    attachments: list[AttachmentBody] = Field([])
    web_search: bool = False
    web_search_options: ChatWebSearch | None = None
    stream: bool = False
    stream_options: ChatStreamOptions = ChatStreamOptions()
    max_completion_tokens: TokenLimit | None = None
    max_tokens: TokenLimit | None = None
    n: Annotated[Whole, Field(ge=1, le=CHOICES_LIMIT)] = 1
    logprobs: bool = False
    top_logprobs: TopLogprobs = 0
    response_format: ChatFormat | None = None
    reasoning_effort: Effort | None = None
    modalities: list[str] = Field([])
    audio: Annotated[Any, Unsupported("answers are text")] = None
    # Editors send these with every request and do well without.
    prediction: Annotated[Any, IGNORED] = None
    verbosity: Annotated[Any, IGNORED] = None
    service_tier: Annotated[Any, IGNORED] = None
    store: Annotated[Any, IGNORED] = None
    metadata: Annotated[Any, IGNORED] = None
    user: Annotated[Any, IGNORED] = None
    safety_identifier: Annotated[Any, IGNORED] = None
    prompt_cache_key: Annotated[Any, IGNORED] = None
    moderation: Annotated[Any, IGNORED] = None
    prompt_cache_options: Annotated[Any, IGNORED] = None
    prompt_cache_retention: Annotated[Any, IGNORED] = None

    @property
    def ignored(self) -> tuple[str, ...]:
        options = self.web_search_options.ignored if self.web_search_options else ()
        return (
            *super().ignored,
            *self.unread,
            *(f"web_search_options.{name}" for name in options),
            *(f"stream_options.{name}" for name in self.stream_options.ignored),
        )


class ChatBody(ChatWriting):
    example: ClassVar[Mapping[str, Any]] = {
        "messages": [{"role": "user", "content": "Which settings does a search have?"}]
    }

    messages: Annotated[list[ChatMessage], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """ignored: known parameters that were sent and have no effect. older_calls: whether tools
    came as functions, and calls go back as function_call."""

    ask: Ask
    stream: bool
    include_usage: bool
    ignored: tuple[str, ...]
    older_calls: bool


def chat_request(asked: ChatBody, key: str = "") -> ChatRequest:
    """key: of who asks. Raises InvalidRequest and UnsupportedParameter, naming the parameter."""
    return ChatRequest(
        ask=chat_ask(asked, key),
        stream=asked.stream,
        include_usage=asked.stream_options.include_usage,
        ignored=asked.ignored,
        older_calls=asked.older,
    )


def chat_ask(asked: ChatBody, key: str) -> Ask:
    """Raises as chat_request."""
    found = ask(asked, messages(asked.messages), key)
    return replace(found, attachments=(*files(asked.messages), *found.attachments))


def ask(asked: ChatWriting, messages: tuple[Message, ...], key: str) -> Ask:
    """As chat_request, of messages that were read already."""
    if set(asked.modalities) - {"text"}:
        raise UnsupportedParameter("modalities", "answers are text")
    return Ask(
        messages=messages,
        model=asked.model or AUTO,
        collections=None if asked.collections is None else tuple(asked.collections),
        web=asked.web_search or asked.web_search_options is not None,
        sampling=sampling(asked),
        tools=chat_tools(asked),
        format=json_format(asked.response_format),
        reasoning=effort(asked.reasoning_effort),
        turn=asked.turn(key),
        attachments=attachments(asked.attachments),
    )


def sampling(asked: ChatWriting) -> Sampling:
    """Raises InvalidRequest."""
    if asked.top_logprobs and not asked.logprobs:
        raise InvalidRequest("'top_logprobs' needs 'logprobs' to be true.", "top_logprobs")
    return Sampling(
        # The newer name wins, as it does at OpenAI.
        max_tokens=limit_tokens(asked.max_completion_tokens, asked.max_tokens),
        n=asked.n,
        logprobs=asked.top_logprobs if asked.logprobs else None,
        **sampling_fields(asked),
    )
