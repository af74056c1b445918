"""The body of POST /v1/completions."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from trinax.answering.completing import Draft
from trinax.answering.routing.route import AUTO
from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Infilling, Sampling
from trinax.web.declaring.body import IGNORED, Body, Whole
from trinax.web.openai.chat_tools import ChatFormat, json_format
from trinax.web.openai.sampling import SamplingBody, StopText, limit_tokens, sampling_fields

PROMPTS_LIMIT = 128
CHOICES_LIMIT = 20
TOP_LOGPROBS_LIMIT = 5
# OpenAI's own, on which scripts rely; editors send what they want.
MAX_TOKENS = 16
# Autocomplete sends the marks of every model that it knows.
STOP_LIMIT = 64
EXPECTED = f"a text or a list of token ids, or 1 to {PROMPTS_LIMIT} of them, no list of them empty"

Prompt = str | list[int]
Choices = Annotated[Whole, Field(ge=1, le=CHOICES_LIMIT)]


def _prompts(value: Any) -> Any:
    # Judged by itself, for a list of 300 000 ids has as many ways to be wrong.
    single = isinstance(value, str) or (isinstance(value, list) and _is_prompt(value))
    listed = [value] if single else value
    fits = isinstance(listed, list) and 0 < len(listed) <= PROMPTS_LIMIT
    if not fits or not all(map(_is_prompt, listed)):
        raise ValueError(EXPECTED)
    return listed


def _is_prompt(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(type(token) is int for token in value)  # a bool is no token
    return isinstance(value, str)


class TextStreamOptions(Body):
    include_usage: bool = False
    include_obfuscation: Annotated[Any, IGNORED] = None


class CompletionsBody(SamplingBody):
    """prompt: one text, one list of token ids, or several of them. suffix: what follows the gap
    that is to be filled in. best_of: how many are written of each prompt, of which the n likeliest
    are given. max_tokens: -1 for as many as there is room for."""

    prompt: Annotated[list[Prompt], BeforeValidator(_prompts)]
    model: str = AUTO
    suffix: str | None = None
    echo: bool = False
    n: Choices = 1
    best_of: Choices | None = None
    logprobs: Annotated[Whole, Field(ge=0, le=TOP_LOGPROBS_LIMIT)] | None = None
    max_tokens: Annotated[Whole, Field(ge=0)] | Literal[-1] = MAX_TOKENS
    stop: StopText | Annotated[list[StopText], Field(max_length=STOP_LIMIT)] = Field([])
    stream: bool = False
    stream_options: TextStreamOptions = TextStreamOptions()
    response_format: ChatFormat | None = None
    user: Annotated[Any, IGNORED] = None


@dataclass(frozen=True, slots=True)
class TextRequest:
    """n: choices that are given of each prompt, where more are written. echoes: what the choices
    of each prompt begin with. logprobs: whether they are told. ignored: known parameters that were
    sent and have no effect."""

    draft: Draft
    n: int
    echoes: tuple[str, ...]
    logprobs: bool
    stream: bool
    include_usage: bool
    ignored: tuple[str, ...]


def text_request(asked: CompletionsBody, key: str = "") -> TextRequest:
    """key: of who asks. Raises InvalidRequest and UnsupportedParameter, naming the parameter."""
    options = (f"stream_options.{name}" for name in asked.stream_options.ignored)
    return TextRequest(
        draft=Draft(
            prompts=tuple(_infilling(prompt, asked.suffix) for prompt in asked.prompt),
            model=asked.model or AUTO,
            sampling=_sampling(asked),
            turn=asked.turn(key),
            format=json_format(asked.response_format),
        ),
        n=asked.n,
        echoes=_echoes(asked),
        logprobs=asked.logprobs is not None,
        stream=asked.stream,
        include_usage=asked.stream_options.include_usage,
        ignored=(*asked.ignored, *options),
    )


def _infilling(prompt: Prompt, suffix: str | None) -> Infilling:
    return Infilling(prompt if isinstance(prompt, str) else tuple(prompt), suffix)


def _sampling(asked: CompletionsBody) -> Sampling:
    chosen = asked.best_of is not None and asked.best_of > asked.n
    return Sampling(
        max_tokens=limit_tokens(asked.max_tokens),
        n=_written(asked),
        # Which of them are best is seen by how likely they are.
        logprobs=0 if chosen and asked.logprobs is None else asked.logprobs,
        **sampling_fields(asked),
    )


def _written(asked: CompletionsBody) -> int:
    """Choices of each prompt."""
    if asked.best_of is None or asked.best_of == asked.n:
        return asked.n
    if asked.best_of < asked.n:
        raise InvalidRequest("'best_of' must be at least 'n'.", "best_of")
    if asked.stream:
        raise UnsupportedParameter("best_of", "which is best is known when all are written")
    return asked.best_of


def _echoes(asked: CompletionsBody) -> tuple[str, ...]:
    if not asked.echo:
        return ("",) * len(asked.prompt)
    if asked.logprobs is not None:
        reason = "models here tell no log probabilities of a prompt; leave 'echo' or 'logprobs' out"
        raise UnsupportedParameter("echo", reason)
    texts = tuple(prompt for prompt in asked.prompt if isinstance(prompt, str))
    if len(texts) < len(asked.prompt):
        raise UnsupportedParameter("echo", "token ids are not turned back into text")
    return texts
