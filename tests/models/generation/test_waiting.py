import asyncio
from collections.abc import Iterator

import numpy as np
import pytest

from trinax.models.generation.job import Job, Mailbox
from trinax.models.generation.waiting import WaitingRoom
from trinax.models.ports import Lane, Sampling, Turn


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


class Jobs:
    """Jobs by name, made when they are first named."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.names: dict[Job, str] = {}

    def make(self, name: str, key: str = "", lane: Lane = "interactive") -> Job:
        job = Job(
            np.array([1], np.int32), Sampling(), (), "", 1, Mailbox(self._loop), Turn(lane, key)
        )
        self.names[job] = name
        return job


@pytest.fixture
def jobs(loop: asyncio.AbstractEventLoop) -> Jobs:
    return Jobs(loop)


def order(room: WaitingRoom, jobs: Jobs) -> list[str]:
    taken = []
    while (job := room.take()) is not None:
        taken.append(jobs.names[job])
    return taken


def test_first_come_first_served(jobs: Jobs) -> None:
    room = WaitingRoom(9)
    for name in "abc":
        room.put(jobs.make(name), 0)
    assert order(room, jobs) == ["a", "b", "c"]


def test_keys_take_turns(jobs: Jobs) -> None:
    room = WaitingRoom(9)
    for name, key in (("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("c1", "c")):
        room.put(jobs.make(name, key), 0)
    assert order(room, jobs) == ["a1", "b1", "c1", "a2", "a3"]


def test_who_has_had_a_turn_comes_after_who_has_not(jobs: Jobs) -> None:
    room = WaitingRoom(9)
    for name in ("a1", "a2"):
        room.put(jobs.make(name, "a"), 0)
    room.take()
    room.put(jobs.make("b1", "b"), 0)
    room.put(jobs.make("a3", "a"), 0)
    assert order(room, jobs) == ["a2", "b1", "a3"]


def test_lanes_go_by_urgency(jobs: Jobs) -> None:
    room = WaitingRoom(9)
    lanes: tuple[Lane, ...] = ("background", "task", "interactive", "background")
    for number, lane in enumerate(lanes):
        room.put(jobs.make(f"{lane}{number}", lane=lane), 0)
    assert order(room, jobs) == ["interactive2", "task1", "background0", "background3"]


def test_only_the_more_urgent_are_taken_when_so_asked(jobs: Jobs) -> None:
    room = WaitingRoom(9)
    room.put(jobs.make("task", lane="task"), 0)
    assert room.take(before=1) is None
    job = room.take(before=2)
    assert job is not None
    assert jobs.names[job] == "task"


def test_every_key_has_the_place_of_its_first(jobs: Jobs) -> None:
    room = WaitingRoom(9)
    for name, key in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        room.put(jobs.make(name, key), 0)
    room.put(jobs.make("c1", "c", "task"), 0)
    room.put(jobs.make("b2", "b", "task"), 0)
    assert room.places() == {"a": 1, "b": 2, "c": 4}
    assert order(room, jobs) == ["a1", "b1", "a2", "c1", "b2"]


def test_a_room_is_as_urgent_as_its_most_urgent(jobs: Jobs) -> None:
    room = WaitingRoom(9)
    room.put(jobs.make("background", lane="background"), 0)
    room.put(jobs.make("task", lane="task"), 0)
    assert [room.rank for _ in range(3) if room.take()] == [2, 3]


def test_a_full_room_takes_nobody(jobs: Jobs) -> None:
    room = WaitingRoom(2)
    assert [room.put(jobs.make(name), 0) for name in "abc"] == [True, True, False]


def test_who_can_begin_at_once_needs_no_room(jobs: Jobs) -> None:
    room = WaitingRoom(0)
    assert [room.put(jobs.make(name), 1) for name in "ab"] == [True, False]


def test_who_withdraws_is_gone(jobs: Jobs) -> None:
    room = WaitingRoom(9)
    first, second = jobs.make("first", "k"), jobs.make("second", "k")
    room.put(first, 0)
    room.put(second, 0)
    assert room.withdraw(first)
    assert not room.withdraw(first)
    assert (len(room), order(room, jobs)) == (1, ["second"])


def test_emptying_takes_all(jobs: Jobs) -> None:
    room = WaitingRoom(9)
    waiting = [jobs.make("a"), jobs.make("b", lane="task")]
    for job in waiting:
        room.put(job, 0)
    assert room.empty() == waiting
    assert len(room) == 0
