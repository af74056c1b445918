import asyncio

from trinax.models.generation.job import Ended, Event, Mailbox, Wrote


async def mailbox(*events: Event) -> Mailbox:
    box = Mailbox(asyncio.get_running_loop())
    box.put(events)
    return box


async def test_texts_that_have_come_together_are_one() -> None:
    box = await mailbox(Wrote(0, "a", 1, first=True), Wrote(0, "b", 2), Ended(0, True, 3, 0))
    assert await box.next() == Wrote(0, "ab", 3, first=True)
    assert await box.next() == Ended(0, True, 3, 0)


async def test_texts_of_other_choices_are_told_apart() -> None:
    box = await mailbox(Wrote(0, "a", 1), Wrote(1, "b", 1), Wrote(0, "c", 1))
    told = [await box.next() for _ in range(3)]
    assert told == [Wrote(0, "a", 1), Wrote(1, "b", 1), Wrote(0, "c", 1)]


async def test_who_reads_a_long_answer_late_holds_nobody_up() -> None:
    box = await mailbox(*(Wrote(0, "word " * 20, 1) for _ in range(100_000)))
    began = asyncio.get_running_loop().time()
    told = await box.next()
    assert isinstance(told, Wrote)
    assert (told.tokens, len(told.text)) == (100_000, 10_000_000)
    assert asyncio.get_running_loop().time() - began < 2.0
