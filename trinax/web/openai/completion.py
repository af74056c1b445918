"""One answer as OpenAI's chat.completion and its chunks."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import anyio.to_thread
from starlette.responses import JSONResponse

from trinax.answering.records import Done, Event, Started
from trinax.models.ports import CallPiece, Finish, Piece, TokenLogprob
from trinax.web.openai.chat_body import ChatRequest
from trinax.web.openai.chat_shapes import (
    ChatAnswer,
    ChatCall,
    ChatCallPart,
    ChatChoice,
    ChatChunk,
    ChatChunkChoice,
    ChatCompletion,
    ChatDelta,
    ChatFinish,
    ChatLogprobs,
    ChatTold,
    ChatUsage,
)
from trinax.web.wire import rendering
from trinax.web.wire.headers import ignored
from trinax.web.wire.sse import DONE, frame


@dataclass(frozen=True, slots=True)
class Completion:
    asked: ChatRequest
    id: str
    created: int

    def headers(self, started: Started) -> dict[str, str]:
        names = (*self.asked.ignored, *started.ignored)
        older = self.asked.older_calls
        return ignored("functions" if older and name == "tools" else name for name in names)

    def whole(self, events: Sequence[Event]) -> JSONResponse:
        """A chat.completion of all events. Blocks for milliseconds."""
        started, done = events[0], events[-1]
        assert isinstance(started, Started)
        assert isinstance(done, Done)
        choices = range(self.asked.ask.sampling.n)
        body: ChatCompletion = {
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": started.route.model,
            "choices": [self._choice(choice, events) for choice in choices],
            "usage": usage([event for event in events if isinstance(event, Finish)]),
            "trinaxai": {
                "model": started.route.model,
                "project": None,
                "sources": self._sources(started),
                **_told(started, done),
            },
        }
        return JSONResponse(body, headers=self.headers(started))

    async def frames(self, started: Started, events: AsyncGenerator[Event]) -> AsyncGenerator[str]:
        """The stream, from the first role to [DONE]; events: what follows `started`."""
        finishes: list[Finish] = []
        opened = False
        async with aclosing(events):
            async for event in events:
                if not opened:
                    for choice in range(self.asked.ask.sampling.n):
                        opening: ChatDelta = {"role": "assistant", "content": ""}
                        yield frame(self._chunk(started, [_choice_part(choice, opening)]))
                    opened = True
                if isinstance(event, Done):
                    # Snippets take milliseconds, which other streams would wait.
                    yield await anyio.to_thread.run_sync(self._last, started, event, finishes)
                elif not isinstance(event, Started) and self._has_place(event):
                    finishes += [event] if isinstance(event, Finish) else []
                    yield frame(self._chunk(started, [self._event(event)]))
        yield DONE

    def _choice(self, choice: int, events: Sequence[Event]) -> ChatChoice:
        mine = [e for e in events if not isinstance(e, Started | Done) and e.choice == choice]
        pieces = [event for event in mine if isinstance(event, Piece)]
        said = [piece for piece in pieces if piece.channel == "answer"]
        (finish,) = (event for event in mine if isinstance(event, Finish))
        logprobs = [logprob for piece in said for logprob in piece.logprobs]
        return {
            "index": choice,
            "message": self._message(pieces, [e for e in mine if isinstance(e, CallPiece)]),
            "logprobs": token_logprobs(logprobs) if self._wants_logprobs else None,
            "finish_reason": self._reason(finish),
        }

    def _message(self, pieces: Sequence[Piece], called: Sequence[CallPiece]) -> ChatAnswer:
        text = "".join(piece.text for piece in pieces if piece.channel == "answer")
        thought = "".join(piece.text for piece in pieces if piece.channel == "reasoning")
        message: ChatAnswer = {"role": "assistant", "content": text, "refusal": None}
        if thought:
            message["reasoning_content"] = thought
        if calls := whole_calls(called):
            message["content"] = text or None
            # The older form has room for one call.
            if self.asked.older_calls:
                message["function_call"] = calls[0]["function"]
            else:
                message["tool_calls"] = calls
        return message

    def _has_place(self, event: Piece | CallPiece | Finish) -> bool:
        """The older form has room for one call."""
        return not (self.asked.older_calls and isinstance(event, CallPiece) and event.index)

    def _event(self, event: Piece | CallPiece | Finish) -> ChatChunkChoice:
        """The choice of one chunk."""
        if isinstance(event, Finish):
            return _choice_part(event.choice, {}, reason=self._reason(event))
        if isinstance(event, CallPiece):
            return _choice_part(event.choice, self._called(_call(event)))
        if event.channel == "reasoning":
            return _choice_part(event.choice, {"reasoning_content": event.text})
        logprobs = token_logprobs(event.logprobs) if event.logprobs else None
        return _choice_part(event.choice, {"content": event.text}, logprobs)

    def _called(self, call: ChatCallPart) -> ChatDelta:
        """A call in the form that the request has asked for."""
        if self.asked.older_calls:
            return {"function_call": call["function"]}
        return {"tool_calls": [call]}

    def _reason(self, finish: Finish) -> ChatFinish:
        if finish.reason == "tool_calls" and self.asked.older_calls:
            return "function_call"
        return finish.reason

    @property
    def _wants_logprobs(self) -> bool:
        return self.asked.ask.sampling.logprobs is not None

    def _last(self, started: Started, done: Done, finishes: Sequence[Finish]) -> str:
        """What trinax says about the answer."""
        chunk = self._chunk(started, [])
        chunk["trinaxai_sources"] = self._sources(started)
        chunk["trinaxai"] = _told(started, done)
        if self.asked.include_usage:
            chunk["usage"] = usage(finishes)
        return frame(chunk)

    def _chunk(self, started: Started, choices: list[ChatChunkChoice]) -> ChatChunk:
        chunk: ChatChunk = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": started.route.model,
            "choices": choices,
        }
        if self.asked.include_usage:
            chunk["usage"] = None
        return chunk

    def _sources(self, started: Started) -> list[rendering.Source]:
        question = self.asked.ask.question
        return [rendering.source(source, question) for source in started.sources]


def _told(started: Started, done: Done) -> ChatTold:
    return {
        "route": rendering.route(started.route),
        "grounding": rendering.grounding(done.grounding),
        "left_out": rendering.left_out(started.left_out),
        "timing": rendering.timing(done.timing_ms),
    }


def _choice_part(
    choice: int,
    delta: ChatDelta,
    logprobs: ChatLogprobs | None = None,
    reason: ChatFinish | None = None,
) -> ChatChunkChoice:
    return {"index": choice, "delta": delta, "logprobs": logprobs, "finish_reason": reason}


def whole_calls(pieces: Sequence[CallPiece]) -> list[ChatCall]:
    """Whole calls in their order."""
    parts: defaultdict[int, list[CallPiece]] = defaultdict(list)
    for piece in pieces:
        parts[piece.index].append(piece)
    return [
        {
            "id": first.id,
            "type": "function",
            "function": {
                "name": first.name,
                "arguments": "".join(p.arguments for p in (first, *rest)),
            },
        }
        for _, (first, *rest) in sorted(parts.items())
    ]


def _call(piece: CallPiece) -> ChatCallPart:
    """One part of a call; the first has its id and its name."""
    if not piece.name:
        return {"index": piece.index, "function": {"arguments": piece.arguments}}
    return {
        "index": piece.index,
        "id": piece.id,
        "type": "function",
        "function": {"name": piece.name, "arguments": piece.arguments},
    }


def token_logprobs(logprobs: Sequence[TokenLogprob]) -> ChatLogprobs:
    return {"content": list(map(rendering.logprob, logprobs)), "refusal": None}


def usage(finishes: Sequence[Finish]) -> ChatUsage:
    # Every choice has the same prompt, which is read once.
    prompt = max((finish.prompt_tokens for finish in finishes), default=0)
    cached = min((finish.cached_tokens for finish in finishes), default=0)
    written = sum(finish.completion_tokens for finish in finishes)
    thought = sum(finish.reasoning_tokens for finish in finishes)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": written,
        "total_tokens": prompt + written,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": thought},
    }
