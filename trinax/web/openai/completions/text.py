"""What is written as OpenAI's text_completion, whole or in frames."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

from trinax.answering.completing import Begun, DraftEvent
from trinax.models.ports import Finish, Piece, TokenLogprob
from trinax.web.openai.completions.body import TextRequest
from trinax.web.openai.completions.logprobs import LogprobTables, mean
from trinax.web.openai.completions.shapes import TextChoice, TextCompletion, TextUsage
from trinax.web.wire.headers import ignored
from trinax.web.wire.sse import DONE, frame


@dataclass(frozen=True, slots=True)
class _Written:
    """One choice, complete."""

    text: str
    logprobs: Sequence[TokenLogprob]
    finish: Finish


@dataclass(frozen=True, slots=True)
class TextAnswer:
    asked: TextRequest
    id: str
    created: int
    begun: Begun

    @property
    def headers(self) -> dict[str, str]:
        return ignored((*self.asked.ignored, *self.begun.ignored))

    def whole(self, events: Sequence[DraftEvent]) -> TextCompletion:
        """events: all of them."""
        choices: list[TextChoice] = []
        complete = _complete(events)
        for prompt, echo in enumerate(self.asked.echoes):
            written = [complete[number] for number in self._numbers(prompt)]
            for one in _likeliest(written, self.asked.n):
                choice = _choice(len(choices), echo + one.text)
                choice["finish_reason"] = _reason(one.finish)
                if self.asked.logprobs:
                    choice["logprobs"] = LogprobTables().part(one.logprobs)
                choices.append(choice)
        finishes = [event for event in events if isinstance(event, Finish)]
        return {**self._object(choices), "usage": self._usage(finishes)}

    async def frames(self, events: AsyncGenerator[DraftEvent]) -> AsyncGenerator[str]:
        """The stream, up to [DONE]. events: what follows the first."""
        tables = [LogprobTables() for _ in self._echoed()]
        finishes: list[Finish] = []
        opened = False
        async with aclosing(events):
            async for event in events:
                if not opened:  # now that nothing can refuse the request any more
                    for choice in self._echoed():
                        if choice["text"]:
                            yield self._frame(choice)
                    opened = True
                if isinstance(event, Finish):
                    finishes.append(event)
                    yield self._frame(_choice(event.choice, "") | {"finish_reason": _reason(event)})
                elif isinstance(event, Piece):
                    yield self._frame(self._piece(event, tables[event.choice]))
        if self.asked.include_usage:
            yield frame({**self._object([]), "usage": self._usage(finishes)})
        yield DONE

    def _numbers(self, prompt: int) -> range:
        """Of the choices that are written of a prompt."""
        each = self.asked.draft.sampling.n
        return range(prompt * each, (prompt + 1) * each)

    def _echoed(self) -> Iterator[TextChoice]:
        """The beginning of every choice."""
        for prompt, echo in enumerate(self.asked.echoes):
            for number in self._numbers(prompt):
                yield _choice(number, echo)

    def _piece(self, piece: Piece, tables: LogprobTables) -> TextChoice:
        choice = _choice(piece.choice, piece.text)
        if piece.logprobs and self.asked.logprobs:
            choice["logprobs"] = tables.part(piece.logprobs)
        return choice

    def _frame(self, choice: TextChoice) -> str:
        shown = self._object([choice])
        if self.asked.include_usage:
            shown["usage"] = None
        return frame(shown)

    def _object(self, choices: list[TextChoice]) -> TextCompletion:
        return {
            "id": self.id,
            "object": "text_completion",
            "created": self.created,
            "model": self.begun.model,
            "choices": choices,
        }

    def _usage(self, finishes: Sequence[Finish]) -> TextUsage:
        each = self.asked.draft.sampling.n
        # The choices of a prompt share it, which is read once.
        firsts = [finish for finish in finishes if finish.choice % each == 0]
        read = sum(finish.prompt_tokens for finish in firsts)
        written = sum(finish.completion_tokens for finish in finishes)
        return {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
            "prompt_tokens_details": {
                "cached_tokens": sum(finish.cached_tokens for finish in firsts)
            },
        }


def _complete(events: Sequence[DraftEvent]) -> dict[int, _Written]:
    """By the number of the choice."""
    pieces: defaultdict[int, list[Piece]] = defaultdict(list)
    for event in events:
        if isinstance(event, Piece):
            pieces[event.choice].append(event)
    return {
        event.choice: _Written(
            "".join(piece.text for piece in pieces[event.choice]),
            [each for piece in pieces[event.choice] for each in piece.logprobs],
            event,
        )
        for event in events
        if isinstance(event, Finish)
    }


def _likeliest(written: Sequence[_Written], number: int) -> Sequence[_Written]:
    if len(written) == number:
        return written
    return sorted(written, key=lambda one: -mean(one.logprobs))[:number]


def _choice(number: int, text: str) -> TextChoice:
    return {"index": number, "text": text, "logprobs": None, "finish_reason": None}


def _reason(finish: Finish) -> Literal["stop", "length"]:
    return "length" if finish.reason == "length" else "stop"
