"""An upstream's events as those of a generation."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from trinax.documents import tokens
from trinax.errors import UpstreamFailed
from trinax.models.ports import CallPiece, Channel, Finish, FinishReason, GenerationEvent, Piece
from trinax.models.upstream.connection import DONE
from trinax.models.upstream.failures import Refused, refusal_in
from trinax.models.upstream.likelihoods import logprobs

# "function_call" is OpenAI's old word; text-generation-inference and Anthropic have their own.
REASONS: Mapping[str, FinishReason] = {
    "stop": "stop",
    "eos_token": "stop",
    "stop_sequence": "stop",
    "end_turn": "stop",
    "length": "length",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
}
# Where thoughts stand: DeepSeek, llama-server and vLLM; Ollama, OpenRouter and newer vLLM.
REASONING = ("reasoning_content", "reasoning")
SURROGATES = re.compile("[\ud800-\udfff]")
HIGH_SURROGATES = range(0xD800, 0xDC00)


# What a wrong form of JSON runs into.
MALFORMED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class _Usage:
    """Tokens of all choices together, as an upstream counts them; thought: None if it does not."""

    read: int
    written: int
    cached: int
    thought: int | None

    def and_of(self, other: "_Usage") -> "_Usage":
        """Together with another choice of the same prompt."""
        thought = None
        if self.thought is not None and other.thought is not None:
            thought = self.thought + other.thought
        return replace(other, written=self.written + other.written, thought=thought)


@dataclass(slots=True)
class _Choice:
    answer: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)  # ids in their order
    arguments: list[str] = field(default_factory=list)
    half: dict[Channel, str] = field(default_factory=dict)  # of a character, by channel
    reason: FinishReason | None = None

    @property
    def begun(self) -> bool:
        return bool(self.reason or self.answer or self.reasoning or self.calls)

    @property
    def counts(self) -> tuple[int, int]:
        """Tokens written and those of them thought, by trinax's own tokeniser."""
        thought = tokens.count("".join(self.reasoning))
        written = tokens.count("".join(self.answer)) + tokens.count("".join(self.arguments))
        return thought + written, thought


class Reply:
    """What one upstream has written so far for one request."""

    def __init__(self, upstream: str, n: int) -> None:
        self._upstream = upstream
        self._choices = [_Choice() for _ in range(n)]
        self._usage: _Usage | None = None
        self._done = False

    def feed(self, data: str) -> Iterator[GenerationEvent]:
        """The events in the data of one server-sent event. Raises Refused for an
        error among them, UpstreamFailed for what has another form than OpenAI's."""
        if data.startswith(DONE):
            self._done = True
            return
        try:
            yield from self._read(data)
        except MALFORMED as exc:
            raise UpstreamFailed(self._upstream, "its answer has an unknown form") from exc

    @property
    def complete(self) -> bool:
        """Whether every choice has come to its end."""
        return all(choice.reason for choice in self._choices)

    @property
    def counted(self) -> bool:
        """Whether the upstream said how many tokens there were."""
        return self._usage is not None

    def finishes(self, prompt_tokens: int) -> list[Finish]:
        """One for each choice, once nothing more comes.

        prompt_tokens: for an upstream that does not count; the tokens of its answer are counted
        by trinax's tokeniser then. Where it counts all choices together, each is given its share.
        Raises UpstreamFailed if a choice is missing or ended in the middle.
        """
        for choice in self._choices:
            if self._done and choice.begun and not choice.reason:
                choice.reason = "tool_calls" if choice.calls else "stop"
        if not self.complete:
            written = sum(choice.reason is not None for choice in self._choices)
            wanted = len(self._choices)
            what = f"it wrote {written} of {wanted} choices" if written else "its answer broke off"
            raise UpstreamFailed(self._upstream, what)
        return [
            Finish(choice.reason or "stop", read, written, index, cached, thought)
            for index, (choice, (read, written, cached, thought)) in enumerate(
                zip(self._choices, self._counts(prompt_tokens), strict=True)
            )
        ]

    def _read(self, data: str) -> Iterator[GenerationEvent]:
        value = json.loads(data)
        if (error := refusal_in(value)) is not None:
            raise Refused(error)
        if value.get("usage"):
            usage = _usage(value["usage"])
            # llama-server counts each choice for itself, OpenAI all at once.
            if self._usage and len(self._choices) > 1 and not value.get("choices"):
                usage = self._usage.and_of(usage)
            self._usage = usage
        for choice in value.get("choices") or ():
            yield from self._read_choice(choice)

    def _read_choice(self, value: Mapping[str, Any]) -> Iterator[GenerationEvent]:
        index = value.get("index") or 0
        choice = self._choices[index]
        delta = value.get("delta") or {}
        thought = next((delta[name] for name in REASONING if delta.get(name)), "")
        # Completions have text; a refusal is what a model says instead of the JSON asked for.
        said = delta.get("content") or delta.get("refusal") or value.get("text") or ""
        likely = logprobs(value.get("logprobs"))
        if thought:
            yield from _piece(choice, index, "reasoning", thought, () if said else likely)
        if said or (likely and not thought):
            yield from _piece(choice, index, "answer", said, likely)
        for call in delta.get("tool_calls") or ():
            yield _call(choice, index, call)
        if value.get("finish_reason"):
            yield from _ends(choice, index)
            choice.reason = self._reason(choice, value["finish_reason"])

    def _reason(self, choice: _Choice, said: str) -> FinishReason:
        if said not in REASONS:
            raise UpstreamFailed(self._upstream, f"its answer ended with {said!r}"[:200])
        # Ollama, and OpenAI where one function was asked for by name, say "stop" after a call.
        return "tool_calls" if choice.calls and REASONS[said] == "stop" else REASONS[said]

    def _counts(self, prompt_tokens: int) -> Iterator[tuple[int, int, int, int]]:
        """(prompt, completion, cached, reasoning) tokens of each choice."""
        own = [choice.counts for choice in self._choices]
        usage = self._usage
        if usage is None:
            yield from ((prompt_tokens, written, 0, thought) for written, thought in own)
            return
        written = _shares(usage.written, [count for count, _ in own])
        if usage.thought is not None:
            thought = _shares(usage.thought, [count for _, count in own])
        else:
            thought = [
                round(share * count / max(1, total))
                for share, (total, count) in zip(written, own, strict=True)
            ]
        for one, two in zip(written, thought, strict=True):
            yield usage.read, one, usage.cached, two


def _piece(
    choice: _Choice, index: int, channel: Channel, text: str, likely: Any
) -> Iterator[Piece]:
    if SURROGATES.search(text) or choice.half.get(channel):
        text = _whole(choice, channel, text)
    (choice.reasoning if channel == "reasoning" else choice.answer).append(text)
    if text or likely:
        yield Piece(text, index, channel, likely)


def _whole(choice: _Choice, channel: Channel, text: str) -> str:
    """text with the half that came before it, and without the half that it ends in: JSON writes
    a character beyond U+FFFF as two, and a server may cut between them."""
    text = choice.half.pop(channel, "") + text
    if ord(text[-1]) in HIGH_SURROGATES:
        choice.half[channel] = text[-1]
        text = text[:-1]
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _ends(choice: _Choice, index: int) -> Iterator[Piece]:
    for channel in choice.half:
        yield Piece("\ufffd", index, channel)
    choice.half.clear()


def _call(choice: _Choice, index: int, value: Mapping[str, Any]) -> CallPiece:
    function = value.get("function") or {}
    arguments = function.get("arguments") or ""
    if not isinstance(arguments, str):  # some servers send the object itself
        arguments = json.dumps(arguments, ensure_ascii=False)
    choice.arguments.append(arguments)
    id_, name = _text(value.get("id") or ""), _text(function.get("name") or "")
    place = _place(choice.calls, value.get("index"), id_, name)
    if place < len(choice.calls):
        return CallPiece(place, arguments, choice=index)
    if not name:
        raise TypeError
    choice.calls.append(id_ or f"call_{uuid4().hex}")
    choice.arguments.append(name)
    return CallPiece(place, arguments, choice.calls[place], name, index)


def _place(calls: list[str], index: int | None, id_: str, name: str) -> int:
    """Which call a part belongs to; a new one has the number of those before it.

    The index alone does not tell: some servers leave it out or give every call the index 0. An id
    that is new means a new call then, and so does a name where there are no ids.
    """
    if id_:
        return calls.index(id_) if id_ in calls else len(calls)
    if name:
        return len(calls)
    return len(calls) - 1 if index is None and calls else min(index or 0, len(calls))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError


def _usage(value: Mapping[str, Any]) -> _Usage:
    read = value.get("prompt_tokens_details") or {}
    written = value.get("completion_tokens_details") or {}
    thought = written.get("reasoning_tokens")
    return _Usage(
        read=int(value.get("prompt_tokens") or 0),
        written=int(value.get("completion_tokens") or 0),
        cached=int(read.get("cached_tokens") or 0),
        thought=None if thought is None else int(thought),
    )


def _shares(total: int, weights: list[int]) -> list[int]:
    """total in parts like the weights, which sum to it."""
    whole = sum(weights)
    if not whole:
        return [total, *(0 for _ in weights[1:])]
    shares, before, seen = [], 0, 0
    for weight in weights:
        seen += weight
        upto = round(total * seen / whole)
        shares.append(upto - before)
        before = upto
    return shares
