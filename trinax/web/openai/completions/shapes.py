"""The answer of POST /v1/completions as JSON; a frame of its stream is the same."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict


class TextLogprobs(TypedDict):
    """Lists side by side, one element for each token. tokens: those that are no whole characters
    as bytes:\\xe2\\x82. text_offset: where each begins in the choice's text, in characters.
    top_logprobs: the likeliest at each place, with the one that was taken."""

    tokens: list[str]
    token_logprobs: list[float]
    top_logprobs: list[dict[str, float]]
    text_offset: list[int]


class TextChoice(TypedDict):
    """index: choices of the first prompt come first. finish_reason: null before the last frame."""

    index: int
    text: str
    logprobs: TextLogprobs | None
    finish_reason: Literal["stop", "length"] | None


class TextPromptDetails(TypedDict):
    cached_tokens: int


class TextUsage(TypedDict):
    """prompt_tokens: of all prompts. completion_tokens: of all choices that were written."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: TextPromptDetails


class TextCompletion(TypedDict):
    """usage: in a stream where it was asked for, on the last frame, which has no choices; null on
    those before."""

    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    choices: list[TextChoice]
    usage: NotRequired[TextUsage | None]
