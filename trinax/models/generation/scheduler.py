"""Continuous batching: every step is one evaluation for all answers that run."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field

import numpy as np

from trinax.errors import ModelFailed
from trinax.llama.context import Aborted, Full, Slice
from trinax.models.generation.choice import Choice
from trinax.models.generation.engine import Engine
from trinax.models.generation.job import Event, Job
from trinax.models.generation.outbox import Post
from trinax.models.generation.pacing import Pace
from trinax.models.generation.slots import Slot, Slots
from trinax.models.generation.waiting import LANES, WaitingRoom, rank

# A prompt waits for another that computes at least so many of its tokens.
WORTH_WAITING_TOKENS = 32


@dataclass(eq=False, slots=True)
class Stream:
    """One choice of a job, at work or put aside for a more urgent one."""

    job: Job
    slot: Slot
    choice: Choice

    @property
    def rank(self) -> int:
        return rank(self.job)


@dataclass(frozen=True, slots=True)
class _Step:
    """What is evaluated together. writing, reading: the streams of slices, in their order."""

    slices: list[Slice] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    answers: int = 0
    prompt_tokens: int = 0


class Scheduler:
    """Runs on one thread. Each step() writes one token of every running answer of the most urgent
    lane and reads a part of its prompts that are not computed yet, as much as the answers can bear.

    A prompt begins with what another one, running or finished, has computed of it; if another is
    about to compute a part of it, it waits for that. Choices of a request share its prompt so.
    """

    def __init__(self, engine: Engine, limit: int, waiting: WaitingRoom) -> None:
        """limit: answers written at once. waiting: where further requests are taken from."""
        self._engine = engine
        self._limit = limit
        self._waiting = waiting
        self._slots = Slots(engine.context, engine.recurrent, engine.kept_tokens)
        self._pace = Pace(engine.context.batch_tokens)
        self._running: list[Stream] = []  # in the order they were admitted
        self._aside: list[Stream] = []  # to be admitted again or for the first time
        self._jobs: Counter[Job] = Counter()  # begun, and how many of its choices are left
        self._ended: list[Slot] = []
        self._crowded = False  # the memory was full and nothing has ended since
        self._post: defaultdict[Job, list[Event]] = defaultdict(list)

    @property
    def slots(self) -> Slots:
        return self._slots

    @property
    def jobs(self) -> Set[Job]:
        """What has been begun and not ended."""
        return self._jobs.keys()

    def step(self, begin: Callable[[set[Job]], None]) -> Post:
        """Evaluate once. Returns the events of it; without jobs afterwards nothing is left to do.

        begin: told whose prompts are read now, so that they can be aborted.
        Raises ModelFailed, after which the scheduler is of no use.
        """
        self._post = defaultdict(list)
        self._drop_cancelled()
        self.tidy()
        self._admit()
        step = self._planned()
        if step.slices:
            begin({stream.job for stream in step.streams[step.answers :]})
            self._evaluate(step)
        return self._post

    @property
    def rank(self) -> int:
        """Of the most urgent job that is begun or waits."""
        begun = (rank(job) for job in self._jobs if not job.cancelled)
        return min(min(begun, default=len(LANES)), self._waiting.rank)

    def rest(self) -> None:
        """In place of a step: only let go of what nobody reads any more."""
        self._drop_cancelled()
        self.tidy()

    def tidy(self) -> None:
        """Keep what ended answers have computed, which takes a moment that nobody waits for; done
        before each step, and to be done after the last."""
        for slot in self._ended:
            self._slots.keep(slot)
        self._ended = []

    def _evaluate(self, step: _Step) -> None:
        began = time.perf_counter()
        try:
            places = self._engine.context.evaluate(step.slices)
        except Full:
            self._make_room()
        except Aborted:
            for stream in step.streams:
                self._slots.recover(stream.slot)
        else:
            self._pace.note(step.answers, step.prompt_tokens, time.perf_counter() - began)
            for stream, part, place in zip(step.streams, step.slices, places, strict=True):
                self._evaluated(stream, part, place)

    def stop(self) -> None:
        """Break off everything; jobs remain those whose answers have not ended."""
        for stream in (*self._running, *self._aside):
            stream.choice.close()
        self._running, self._aside = [], []

    def _drop_cancelled(self) -> None:
        for stream in [stream for stream in self._running if stream.job.cancelled]:
            self._end(stream)
        for stream in [stream for stream in self._aside if stream.job.cancelled]:
            self._aside.remove(stream)
            self._forget(stream)

    def _admit(self) -> None:
        """Let in what may run, the most urgent first; the less urgent make place for it."""
        while (self._aside or len(self._waiting)) and not (self._crowded and self._running):
            full = len(self._running) >= self._limit
            last = max(reversed(self._running), key=lambda stream: stream.rank) if full else None
            stream = self._next(last.rank if last else len(LANES))
            if stream is None:
                return
            if last:
                self._put_aside(last)
            self._running.append(stream)

    def _next(self, before: int) -> Stream | None:
        """The most urgent of a rank less than `before`; at equal rank what was put aside first."""
        first = min(self._aside, key=lambda stream: stream.rank, default=None)
        job = self._waiting.take(min(before, first.rank) if first else before)
        if job:
            job.begun_s = time.monotonic()
            self._jobs[job] = job.sampling.n
            first, *others = [self._stream(job, number) for number in range(job.sampling.n)]
            self._aside[:0] = others
            return first
        if first and first.rank < before:
            self._aside.remove(first)
            return first
        return None

    def _stream(self, job: Job, number: int) -> Stream:
        tokens = np.empty(len(job.prompt) + job.limit_tokens, np.int32)
        tokens[: len(job.prompt)] = job.prompt
        choice = Choice(job, number, self._engine.vocabulary, self._engine.defaults)
        return Stream(job, Slot(tokens, len(job.prompt)), choice)

    def _planned(self) -> _Step:
        """One token of each running answer of the most urgent lane, then parts of its prompts; what
        is less urgent pauses, for all that is evaluated beside an answer slows it down."""
        most = min((stream.rank for stream in self._running), default=0)
        urgent = [stream for stream in self._running if stream.rank == most]
        answers: list[Stream] = []
        reading: list[Stream] = []
        for stream in urgent:
            slot = stream.slot
            if not slot.placed and not self._worth_waiting(slot, urgent):
                self._slots.place(slot)
            if slot.placed:
                (answers if slot.missing == 1 else reading).append(stream)
        # llama.cpp evaluates separate sequences together only in their order.
        answers.sort(key=lambda stream: stream.slot.sequence)
        parts = [
            (stream, self._slots.part(stream.slot, share))
            for stream, share in (self._shares(reading, len(answers)) if reading else ())
        ]
        return _Step(
            [_slice(stream.slot, 1) for stream in answers]
            + [
                _slice(stream.slot, self._slots.part(stream.slot, share)) for stream, share in parts
            ],
            answers + [stream for stream, _ in parts],
            len(answers),
            sum(share for _, share in parts),
        )

    def _worth_waiting(self, slot: Slot, beside: list[Stream]) -> bool:
        others = [stream.slot for stream in beside if stream.slot.placed]
        return self._slots.worth_waiting(slot, others, WORTH_WAITING_TOKENS)

    def _shares(self, reading: list[Stream], answers: int) -> Iterator[tuple[Stream, int]]:
        """The oldest prompt may take half, then the shortest go first: a long prompt does not hold
        up a short one, and many short ones do not starve a long one."""
        room = self._pace.budget(answers, len(reading))
        oldest, *others = reading
        others.sort(key=lambda stream: stream.slot.missing)
        wanted = sum(stream.slot.missing for stream in others)
        first = min(oldest.slot.missing, max(room - wanted, (room + 1) // 2))
        yield oldest, first
        room -= first
        for stream in others:
            share = min(stream.slot.missing, room)
            if share <= 0:
                return
            yield stream, share
            room -= share

    def _evaluated(self, stream: Stream, part: Slice, place: int) -> None:
        slot, choice = stream.slot, stream.choice
        slot.done += len(part.tokens)
        if not part.output:
            return
        token = choice.next(self._engine.context, place)
        self._post[stream.job] += choice.write(token, slot.cached)
        if choice.ended:
            self._end(stream)
        elif token is not None:
            slot.append(token)

    def _end(self, stream: Stream) -> None:
        self._running.remove(stream)
        if stream.slot.placed:
            self._ended.append(stream.slot)
        self._forget(stream)
        self._crowded = False

    def _forget(self, stream: Stream) -> None:
        stream.choice.close()
        self._jobs[stream.job] -= 1
        if not self._jobs[stream.job]:
            del self._jobs[stream.job]

    def _put_aside(self, stream: Stream) -> None:
        """What is computed of it is kept for a while, so that it can go on from there."""
        self._running.remove(stream)
        if stream.slot.placed:
            self._slots.keep(stream.slot)
        self._aside.insert(0, stream)

    def _make_room(self) -> None:
        """The least urgent and newest answer goes on later."""
        if len(self._running) < 2:
            raise ModelFailed(self._engine.model_id, "its memory is too small for one answer")
        self._put_aside(max(reversed(self._running), key=lambda stream: stream.rank))
        self._crowded = True


def _slice(slot: Slot, count: int) -> Slice:
    tokens = slot.tokens[slot.done : slot.done + count]
    return Slice(slot.sequence, slot.done, tokens, output=count == slot.missing)
