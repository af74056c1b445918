import threading

import pytest
from anyio.lowlevel import checkpoint

from trinax.ingest.records import Outcome
from trinax.ingest.turns import Turn, Turns


class Work:
    """Turns that last until they are halted or all is done."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.done = threading.Event()
        self.seen: list[tuple[str, bool, bool]] = []

    def run(self, turn: Turn) -> Outcome:
        self.begun.set()
        while not (self.done.is_set() or turn.halt.wait(0.01)):
            pass
        self.seen.append((turn.collection, turn.asked, turn.halt.is_set()))
        return Outcome(unchanged=1)


@pytest.fixture
def work() -> Work:
    return Work()


async def test_those_who_wait_share_a_turn(work: Work) -> None:
    turns = Turns(work.run)
    work.done.set()
    first, second = turns.begin("a"), turns.begin("a", asked=True)
    assert first is second
    await first
    assert work.seen == [("a", True, False)]


async def test_who_is_alone_halts_the_turn_that_runs(work: Work) -> None:
    turns = Turns(work.run)
    running = turns.begin("a")
    while not work.begun.is_set():
        await checkpoint()
    async with turns.alone("a"):
        await running
        assert work.seen == [("a", False, True)]
    work.done.set()
    assert await turns.begin("a") == Outcome(unchanged=1)


async def test_a_turn_that_waits_for_who_is_alone_is_passed_over_or_taken_later(
    work: Work,
) -> None:
    turns = Turns(work.run)
    work.done.set()
    async with turns.alone("a"):
        waiting = turns.begin("a")
        await checkpoint()
        assert not waiting.done()
    await waiting


async def test_quiet_hours_end_only_what_nobody_asked_for(work: Work) -> None:
    turns = Turns(work.run)
    asked, unasked = turns.begin("a", asked=True), turns.begin("b")
    while not (turns.is_running("a") and turns.is_running("b")):
        await checkpoint()
    turns.halt_unasked()
    await unasked
    assert turns.is_asked("a")
    assert not asked.done()
    await turns.close()
    assert sorted(work.seen) == [("a", True, True), ("b", False, True)]
