"""The text of a model as events of the port: answer, reasoning and tool calls."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from trinax.models.chat.events import Called, Said
from trinax.models.chat.format import Parser
from trinax.models.generation.job import Ended, Wrote
from trinax.models.ports import (
    CallPiece,
    Channel,
    Finish,
    FinishReason,
    GenerationEvent,
    Piece,
    TokenLogprob,
)


@dataclass(slots=True)
class Reply:
    """One choice. parser: None if the text is the answer as it stands."""

    choice: int
    prompt_tokens: int
    parser: Parser | None
    _channel: Channel = "answer"
    _reasoning_tokens: int = 0
    _called: bool = False
    _logprobs: list[TokenLogprob] = field(default_factory=list)  # of text that is held back

    def events(self, event: Wrote | Ended) -> Iterator[GenerationEvent]:
        return self._wrote(event) if isinstance(event, Wrote) else self._ended(event)

    def _wrote(self, event: Wrote) -> Iterator[GenerationEvent]:
        self._logprobs += event.logprobs
        if self.parser is None:
            yield self._piece(event.text, "answer")
            return
        yield from self._told(self.parser.feed(event.text))
        if self._channel == "reasoning":
            self._reasoning_tokens += event.tokens

    def _ended(self, event: Ended) -> Iterator[GenerationEvent]:
        if self.parser:
            yield from self._told(self.parser.finish())
        if self._logprobs:
            yield self._piece("", self._channel)
        yield Finish(
            reason=self._reason(event),
            prompt_tokens=self.prompt_tokens,
            completion_tokens=event.tokens,
            choice=self.choice,
            cached_tokens=event.cached_tokens,
            reasoning_tokens=self._reasoning_tokens,
            waited_s=event.waited_s,
        )

    def _told(self, events: list[Said | Called]) -> Iterator[GenerationEvent]:
        for event in events:
            if isinstance(event, Said):
                self._channel = event.channel
                yield self._piece(event.text, event.channel)
            else:
                self._called = True
                self._channel = "answer"
                yield CallPiece(event.index, event.arguments, event.id, event.name, self.choice)

    def _piece(self, text: str, channel: Channel) -> Piece:
        logprobs, self._logprobs = tuple(self._logprobs), []
        return Piece(text, self.choice, channel, logprobs)

    def _reason(self, event: Ended) -> FinishReason:
        if not event.stopped:
            return "length"
        return "tool_calls" if self._called else "stop"
