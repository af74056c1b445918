"""The items of an answer while they are written: the events that tell of each, and the whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from trinax.answering.records import Source
from trinax.models.ports import CallPiece, Piece
from trinax.web.openai.responses.annotations import annotations
from trinax.web.openai.responses.shapes import (
    ResponseContent,
    ResponseEvent,
    ResponseFunctionCall,
    ResponseItem,
    ResponseMessage,
    ResponseReasoning,
    ResponseReasoningText,
    ResponseText,
    ResponseWebSearch,
    Status,
)
from trinax.web.wire import rendering


@dataclass(frozen=True, slots=True)
class Place:
    """index: among the items. numbers: of the events of the whole stream."""

    index: int
    id: str
    numbers: Iterator[int]

    def added(self, item: ResponseItem) -> ResponseEvent:
        return {
            "type": "response.output_item.added",
            "sequence_number": next(self.numbers),
            "output_index": self.index,
            "item": item,
        }

    def done(self, item: ResponseItem) -> ResponseEvent:
        return {
            "type": "response.output_item.done",
            "sequence_number": next(self.numbers),
            "output_index": self.index,
            "item": item,
        }

    def part_added(self, part: ResponseContent) -> ResponseEvent:
        return {
            "type": "response.content_part.added",
            "sequence_number": next(self.numbers),
            "output_index": self.index,
            "item_id": self.id,
            "content_index": 0,
            "part": part,
        }

    def part_done(self, part: ResponseContent) -> ResponseEvent:
        return {
            "type": "response.content_part.done",
            "sequence_number": next(self.numbers),
            "output_index": self.index,
            "item_id": self.id,
            "content_index": 0,
            "part": part,
        }


class MessageItem:
    """What is said, in one part of text."""

    def __init__(self, index: int, numbers: Iterator[int], sources: Sequence[Source]) -> None:
        """sources: that the text cites, () where its brackets are no citations."""
        self._place = Place(index, f"msg_{uuid4().hex}", numbers)
        self._sources = sources
        self._texts: list[str] = []
        self._logprobs: list[rendering.Logprob] = []
        self._part: ResponseText | None = None
        self._status: Status = "in_progress"

    @property
    def shown(self) -> ResponseMessage:
        return {
            "id": self._place.id,
            "type": "message",
            "status": self._status,
            "role": "assistant",
            "content": [self._part] if self._part else [],
        }

    def begin(self) -> Iterator[ResponseEvent]:
        yield self._place.added(self.shown)
        yield self._place.part_added(_text("", []))

    def add(self, piece: Piece) -> ResponseEvent:
        self._texts.append(piece.text)
        logprobs = list(map(rendering.logprob, piece.logprobs))
        self._logprobs += logprobs
        return {
            "type": "response.output_text.delta",
            "sequence_number": next(self._place.numbers),
            "output_index": self._place.index,
            "item_id": self._place.id,
            "content_index": 0,
            "delta": piece.text,
            "logprobs": logprobs,
        }

    def end(self, status: Status) -> Iterator[ResponseEvent]:
        """Blocks for as long as it takes to look for citations."""
        text, place = "".join(self._texts), self._place
        part = _text(text, self._logprobs)
        for number, annotation in enumerate(annotations(text, self._sources)):
            part["annotations"].append(annotation)
            yield {
                "type": "response.output_text.annotation.added",
                "sequence_number": next(place.numbers),
                "output_index": place.index,
                "item_id": place.id,
                "content_index": 0,
                "annotation_index": number,
                "annotation": annotation,
            }
        yield {
            "type": "response.output_text.done",
            "sequence_number": next(place.numbers),
            "output_index": place.index,
            "item_id": place.id,
            "content_index": 0,
            "text": text,
            "logprobs": self._logprobs,
        }
        self._part, self._status = part, status
        yield place.part_done(part)
        yield place.done(self.shown)


class ReasoningItem:
    """What is thought, as it is."""

    def __init__(self, index: int, numbers: Iterator[int]) -> None:
        self._place = Place(index, f"rs_{uuid4().hex}", numbers)
        self._texts: list[str] = []
        self._part: ResponseReasoningText | None = None
        self._status: Status = "in_progress"

    @property
    def shown(self) -> ResponseReasoning:
        return {
            "id": self._place.id,
            "type": "reasoning",
            "status": self._status,
            "summary": [],
            "content": [self._part] if self._part else [],
        }

    def begin(self) -> Iterator[ResponseEvent]:
        yield self._place.added(self.shown)
        yield self._place.part_added({"type": "reasoning_text", "text": ""})

    def add(self, piece: Piece) -> ResponseEvent:
        self._texts.append(piece.text)
        return {
            "type": "response.reasoning_text.delta",
            "sequence_number": next(self._place.numbers),
            "output_index": self._place.index,
            "item_id": self._place.id,
            "content_index": 0,
            "delta": piece.text,
        }

    def end(self, status: Status) -> Iterator[ResponseEvent]:
        text, place = "".join(self._texts), self._place
        yield {
            "type": "response.reasoning_text.done",
            "sequence_number": next(place.numbers),
            "output_index": place.index,
            "item_id": place.id,
            "content_index": 0,
            "text": text,
        }
        self._part, self._status = {"type": "reasoning_text", "text": text}, status
        yield place.part_done(self._part)
        yield place.done(self.shown)


class CallItem:
    """A call of a function."""

    def __init__(self, index: int, numbers: Iterator[int], first: CallPiece) -> None:
        self._place = Place(index, f"fc_{uuid4().hex}", numbers)
        self._first = first
        self._arguments: list[str] = []
        self._whole = ""
        self._status: Status = "in_progress"

    @property
    def shown(self) -> ResponseFunctionCall:
        return {
            "id": self._place.id,
            "type": "function_call",
            "status": self._status,
            "call_id": self._first.id,
            "name": self._first.name,
            "arguments": self._whole,
        }

    def begin(self) -> Iterator[ResponseEvent]:
        yield self._place.added(self.shown)

    def add(self, piece: CallPiece) -> ResponseEvent:
        self._arguments.append(piece.arguments)
        return {
            "type": "response.function_call_arguments.delta",
            "sequence_number": next(self._place.numbers),
            "output_index": self._place.index,
            "item_id": self._place.id,
            "delta": piece.arguments,
        }

    def end(self, status: Status) -> Iterator[ResponseEvent]:
        self._whole, self._status = "".join(self._arguments), status
        yield {
            "type": "response.function_call_arguments.done",
            "sequence_number": next(self._place.numbers),
            "output_index": self._place.index,
            "item_id": self._place.id,
            "name": self._first.name,
            "arguments": self._whole,
        }
        yield self._place.done(self.shown)


class SearchItem:
    """A search of the web, which was made before the first word."""

    def __init__(
        self, index: int, numbers: Iterator[int], query: str, sources: Sequence[Source]
    ) -> None:
        self._place = Place(index, f"ws_{uuid4().hex}", numbers)
        self._query = query
        self._urls = list(dict.fromkeys(s.passage.url for s in sources if s.passage.url))
        self._status: Literal["in_progress", "completed"] = "in_progress"

    @property
    def shown(self) -> ResponseWebSearch:
        return {
            "id": self._place.id,
            "type": "web_search_call",
            "status": self._status,
            "action": {
                "type": "search",
                "query": self._query,
                "queries": [self._query],
                "sources": [{"type": "url", "url": url} for url in self._urls],
            },
        }

    def begin(self) -> Iterator[ResponseEvent]:
        yield self._place.added(self.shown)

    def end(self, status: Status) -> Iterator[ResponseEvent]:
        """status: of the answer; a search was made, or there would be no answer."""
        self._status = "completed"
        yield {
            "type": "response.web_search_call.completed",
            "sequence_number": next(self._place.numbers),
            "output_index": self._place.index,
            "item_id": self._place.id,
        }
        yield self._place.done(self.shown)


Item = MessageItem | ReasoningItem | CallItem | SearchItem


def _text(text: str, logprobs: list[rendering.Logprob]) -> ResponseText:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": logprobs}
