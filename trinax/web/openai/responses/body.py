"""The body of POST /v1/responses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from trinax.answering.records import Ask, Attachment
from trinax.answering.routing.route import AUTO
from trinax.errors import InvalidRequest
from trinax.models.ports import JsonFormat, Message, Sampling
from trinax.web.declaring.attachments import AttachmentBody, attachments
from trinax.web.declaring.body import IGNORED, Body, Unsupported, Words
from trinax.web.openai.chat_messages import check_question
from trinax.web.openai.responses.items import ResponseInputItem, files, messages
from trinax.web.openai.responses.tools import Offer, ResponseToolsBody, offer
from trinax.web.openai.sampling import (
    Effort,
    SamplingBody,
    TokenLimit,
    TopLogprobs,
    effort,
    limit_tokens,
    sampling_fields,
)

LOGPROBS = "message.output_text.logprobs"
# What an answer holds anyway, or on request; anything else is nowhere to be had here.
INCLUDED = {LOGPROBS, "web_search_call.action.sources"}
NOT_STORED = "this server keeps no answers; send the whole conversation as 'input'"


class ResponseFormatBody(Body):
    """schema: where type is "json_schema"."""

    type: Literal["text", "json_object", "json_schema"] = "text"
    name: str = "answer"
    json_schema: dict[str, Any] | None = Field(default=None, alias="schema")
    strict: bool = False


class ResponseTextBody(Body):
    format: ResponseFormatBody = ResponseFormatBody()
    verbosity: Annotated[Any, IGNORED] = None


class ResponseReasoningBody(Body):
    effort: Effort | None = None
    summary: Annotated[Any, IGNORED] = None
    generate_summary: Annotated[Any, IGNORED] = None


class ResponsesBody(SamplingBody, ResponseToolsBody):
    """input: a question, or what was said so far. collections: absent for all, or those of the
    file_search tools; [] to answer without retrieval. attachments: files that the answer is to be
    taken from too."""

    example: ClassVar[Mapping[str, Any]] = {"input": "Which settings does a search have?"}

    attaches: ClassVar[bool] = True

    input: Words | Annotated[list[ResponseInputItem], Field(min_length=1)]
    instructions: str = ""
    model: str = AUTO
    collections: list[str] | None = None
    attachments: list[AttachmentBody] = Field([])
    web_search: bool = False
    stream: bool = False
    max_output_tokens: TokenLimit | None = None
    top_logprobs: TopLogprobs = 0
    include: list[str] = Field([])
    text: ResponseTextBody = ResponseTextBody()
    reasoning: ResponseReasoningBody = ResponseReasoningBody()
    metadata: dict[str, str] = Field({})
    previous_response_id: Annotated[Any, Unsupported(NOT_STORED)] = None
    conversation: Annotated[Any, Unsupported(NOT_STORED)] = None
    prompt: Annotated[Any, Unsupported("this server keeps no prompts; send it as 'input'")] = None
    background: Annotated[Any, Unsupported(NOT_STORED)] = None
    store: Annotated[Any, IGNORED] = None
    truncation: Annotated[Literal["auto", "disabled"] | None, IGNORED] = None
    service_tier: Annotated[Any, IGNORED] = None
    max_tool_calls: Annotated[Any, IGNORED] = None
    context_management: Annotated[Any, IGNORED] = None
    user: Annotated[Any, IGNORED] = None
    safety_identifier: Annotated[Any, IGNORED] = None
    prompt_cache_key: Annotated[Any, IGNORED] = None
    access_programs: Annotated[Any, IGNORED] = None
    background_options: Annotated[Any, IGNORED] = None
    image: Annotated[Any, IGNORED] = None
    stream_options: Annotated[Any, IGNORED] = None
    moderation: Annotated[Any, IGNORED] = None
    prompt_cache_options: Annotated[Any, IGNORED] = None
    prompt_cache_retention: Annotated[Any, IGNORED] = None


@dataclass(frozen=True, slots=True)
class ResponseRequest:
    """sent: what the answer repeats of it. ignored: known parameters that were sent and have no
    effect."""

    ask: Ask
    sent: ResponsesBody
    ignored: tuple[str, ...]


def response_request(asked: ResponsesBody, key: str = "") -> ResponseRequest:
    """key: of who asks. Raises InvalidRequest and UnsupportedParameter, naming the parameter."""
    offered = offer(asked)
    ask = Ask(
        messages=_messages(asked),
        model=asked.model or AUTO,
        collections=_collections(asked, offered),
        web=asked.web_search or offered.web,
        sampling=_sampling(asked),
        tools=offered.tools,
        format=_format(asked.text.format),
        reasoning=effort(asked.reasoning.effort),
        turn=asked.turn(key),
        attachments=(*_files(asked), *attachments(asked.attachments)),
    )
    return ResponseRequest(ask, asked, (*_ignored(asked), *offered.ignored))


def _messages(asked: ResponsesBody) -> tuple[Message, ...]:
    instructions = [Message("system", asked.instructions)] if asked.instructions else []
    given = asked.input
    said = [Message("user", given)] if isinstance(given, str) else messages(given)
    check_question(said, "input")
    return (*instructions, *said)


def _files(asked: ResponsesBody) -> tuple[Attachment, ...]:
    return () if isinstance(asked.input, str) else files(asked.input)


def _collections(asked: ResponsesBody, offered: Offer) -> tuple[str, ...] | None:
    listed: Sequence[str] | None = asked.collections
    if listed is None:
        return offered.collections or None
    return tuple(listed)


def _sampling(asked: ResponsesBody) -> Sampling:
    logprobs = asked.top_logprobs if LOGPROBS in asked.include or asked.top_logprobs else None
    return Sampling(
        max_tokens=limit_tokens(asked.max_output_tokens),
        logprobs=logprobs,
        **sampling_fields(asked),
    )


def _format(asked: ResponseFormatBody) -> JsonFormat | None:
    if asked.type == "text":
        return None
    if asked.type == "json_object":
        return JsonFormat(asked.json_schema or {})
    if asked.json_schema is None:
        place = "text.format.schema"
        raise InvalidRequest(f"{place!r} is missing.", place)
    return JsonFormat(asked.json_schema)


def _ignored(asked: ResponsesBody) -> tuple[str, ...]:
    include = ("include",) if set(asked.include) - INCLUDED else ()
    text = (f"text.{name}" for name in asked.text.ignored)
    reasoning = (f"reasoning.{name}" for name in asked.reasoning.ignored)
    return (*asked.ignored, *include, *text, *reasoning)
