"""From the events of an answer to those of the Responses API, in their order."""

import time
from collections.abc import Iterator, Sequence
from itertools import count

from trinax.answering.records import Done, Event, Source
from trinax.models.ports import CallPiece, Finish, Piece
from trinax.web.openai.responses.object import Beginning, Outcome, response_object
from trinax.web.openai.responses.shapes import (
    Moment,
    ResponseError,
    ResponseEvent,
    ResponseLifecycle,
    ResponseObject,
    Status,
)
from trinax.web.openai.responses.written import (
    CallItem,
    Item,
    MessageItem,
    ReasoningItem,
    SearchItem,
)


class Writer:
    """One answer. Text and reasoning are one item at a time; calls stay open to the end, for some
    servers write several at once.

    answer: once it is complete.
    """

    def __init__(self, beginning: Beginning) -> None:
        self._beginning = beginning
        self._numbers = count()
        self._items: list[Item] = []
        self._open: MessageItem | ReasoningItem | None = None
        self._calls: dict[int, CallItem] = {}
        self._begun = False
        self.answer: ResponseObject | None = None
        self._finish: Finish | None = None

    def events(self, event: Event) -> Iterator[ResponseEvent]:
        """Blocks for milliseconds at a Finish and at Done."""
        if not self._begun:
            yield from self._opening()
        if isinstance(event, Piece):
            yield from self._piece(event)
        elif isinstance(event, CallPiece):
            yield from self._call(event)
        elif isinstance(event, Finish):
            yield from self._ending(event)
        elif isinstance(event, Done):
            yield self._last(event)

    def failed(self, error: ResponseError) -> Iterator[ResponseEvent]:
        """The end of an answer that cannot be finished; what was written of it stays."""
        if not self._begun:
            yield from self._opening()
        yield from self._closed("incomplete")
        outcome = Outcome("failed", [item.shown for item in self._items], error=error)
        yield self._lifecycle("response.failed", outcome)

    def _opening(self) -> Iterator[ResponseEvent]:
        self._begun = True
        yield self._lifecycle("response.created", Outcome())
        yield self._lifecycle("response.in_progress", Outcome())
        ask, started = self._beginning.asked.ask, self._beginning.started
        if ask.web:
            place = len(self._items)
            search = SearchItem(place, self._numbers, ask.question, started.sources)
            self._items.append(search)
            yield from search.begin()
            yield from search.end("completed")

    def _piece(self, piece: Piece) -> Iterator[ResponseEvent]:
        wanted = ReasoningItem if piece.channel == "reasoning" else MessageItem
        if not isinstance(self._open, wanted):
            yield from self._switched(self._new(piece))
        assert self._open is not None
        yield self._open.add(piece)

    def _new(self, piece: Piece) -> MessageItem | ReasoningItem:
        if piece.channel == "reasoning":
            return ReasoningItem(len(self._items), self._numbers)
        return MessageItem(len(self._items), self._numbers, self._cited)

    def _call(self, piece: CallPiece) -> Iterator[ResponseEvent]:
        if piece.index not in self._calls:
            yield from self._switched(None)
            call = CallItem(len(self._items), self._numbers, piece)
            self._calls[piece.index] = call
            self._items.append(call)
            yield from call.begin()
        if piece.arguments:
            yield self._calls[piece.index].add(piece)

    def _switched(self, item: MessageItem | ReasoningItem | None) -> Iterator[ResponseEvent]:
        """The end of the text before, and the beginning of this one."""
        if self._open:
            yield from self._open.end("completed")
        self._open = item
        if item:
            self._items.append(item)
            yield from item.begin()

    def _ending(self, finish: Finish) -> Iterator[ResponseEvent]:
        self._finish = finish
        if not self._open and not self._calls:
            # Clients look for a message, be it an empty one.
            yield from self._switched(self._new(Piece("")))
        yield from self._closed("incomplete" if finish.reason == "length" else "completed")

    def _closed(self, status: Status) -> Iterator[ResponseEvent]:
        """status: of the last one, at which the model stopped."""
        opened: list[Item] = [*self._calls.values(), *([self._open] if self._open else [])]
        self._open, self._calls = None, {}
        for item in opened:
            yield from item.end(status if item is self._items[-1] else "completed")

    def _last(self, done: Done) -> ResponseLifecycle:
        cut = self._finish is not None and self._finish.reason == "length"
        outcome = Outcome(
            status="incomplete" if cut else "completed",
            output=[item.shown for item in self._items],
            finish=self._finish,
            done=done,
            completed_at=None if cut else int(time.time()),
        )
        last = self._lifecycle("response.incomplete" if cut else "response.completed", outcome)
        self.answer = last["response"]
        return last

    def _lifecycle(self, moment: Moment, outcome: Outcome) -> ResponseLifecycle:
        shown = response_object(self._beginning, outcome)
        return {"type": moment, "sequence_number": next(self._numbers), "response": shown}

    @property
    def _cited(self) -> Sequence[Source]:
        """Brackets are citations where there is something to cite; a program gets what was
        written."""
        beginning = self._beginning
        return () if beginning.asked.ask.for_program else beginning.started.sources


def whole(beginning: Beginning, events: Sequence[Event]) -> ResponseObject:
    """events: all of them. Blocks for milliseconds."""
    writer = Writer(beginning)
    for event in events:
        for _ in writer.events(event):
            pass
    assert writer.answer is not None
    return writer.answer
