import asyncio
import time

from trinax.ingest.debounce import MOST_PATHS, SAVED_PATHS, Debounce


async def test_events_of_a_burst_come_as_one() -> None:
    debounce = Debounce(quiet_s=0.05, limit_s=1.0)
    for key in ("a", "b", "a"):
        debounce.wake(key)
    assert (await debounce.settled(None)).keys() == {"a", "b"}


async def test_nothing_comes_before_it_is_quiet() -> None:
    debounce = Debounce(quiet_s=0.1, limit_s=1.0)
    began_s = time.monotonic()
    debounce.wake("a")
    await debounce.settled(None)
    assert time.monotonic() - began_s >= 0.1


async def test_a_stream_of_events_does_not_delay_for_ever() -> None:
    debounce = Debounce(quiet_s=10.0, limit_s=0.1)
    debounce.wake("a")
    assert (await debounce.settled(None)).keys() == {"a"}


async def test_no_event_in_time_gives_nothing() -> None:
    assert await Debounce(0.01, 1.0).settled(0.01) == {}


async def test_a_later_burst_comes_by_itself() -> None:
    debounce = Debounce(quiet_s=0.01, limit_s=1.0)
    debounce.wake("a")
    await debounce.settled(None)
    debounce.wake("b")
    assert (await debounce.settled(None)).keys() == {"b"}


async def test_it_is_known_whether_a_burst_has_begun() -> None:
    debounce = Debounce(quiet_s=0.01, limit_s=1.0)
    before = debounce.pending
    debounce.wake("a")
    during = debounce.pending
    await debounce.settled(None)
    assert (before, during, debounce.pending) == (False, True, False)


async def test_what_the_events_were_about_comes_with_them() -> None:
    debounce = Debounce(quiet_s=0.01, limit_s=1.0)
    debounce.wake("a", "/1")
    debounce.wake("a", "/2")
    debounce.wake("b", "/1")
    debounce.wake("b")
    for n in range(MOST_PATHS + 1):
        debounce.wake("c", str(n))
    assert await debounce.settled(None) == {"a": {"/1", "/2"}, "b": set(), "c": set()}


async def test_a_saved_file_need_not_be_quiet_for_long() -> None:
    debounce = Debounce(quiet_s=10.0, limit_s=10.0)
    debounce.wake("a", "/note")
    debounce.wake("a", "/note~")
    async with asyncio.timeout(5.0):
        assert (await debounce.settled(None)).keys() == {"a"}


async def test_many_files_have_to_be_quiet() -> None:
    debounce = Debounce(quiet_s=0.2, limit_s=10.0)
    began_s = time.monotonic()
    for n in range(SAVED_PATHS + 1):
        debounce.wake("a", str(n))
    await debounce.settled(None)
    assert time.monotonic() - began_s >= 0.2
