"""What every provider of web search does."""

from collections.abc import Callable, Sequence

import pytest

from trinax.errors import WebSearchFailed
from trinax.websearch.ports import Provider
from trinax.websearch.records import Result

# What the stand-in finds → the provider that asks it.
Finding = Callable[[Sequence[Result]], Provider]

ROWS = [
    Result(f"Keeper {n}", f"https://keepers.example/{n}", f"The light keeper number {n}.")
    for n in range(1, 6)
]


class ProviderContract:
    """A subclass supplies the fixtures `finding` and `unreachable`."""

    async def test_results_come_whole_and_in_order(self, finding: Finding) -> None:
        found = await finding(ROWS).search("light keeper", 10)
        shown = [(one.title, one.url, one.snippet) for one in found.results]
        assert shown == [(one.title, one.url, one.snippet) for one in ROWS]
        assert found.provider

    async def test_there_are_no_more_than_asked_for(self, finding: Finding) -> None:
        found = await finding(ROWS).search("light keeper", 2)
        assert [one.url for one in found.results] == [one.url for one in ROWS[:2]]

    async def test_nothing_found_is_no_failure(self, finding: Finding) -> None:
        assert (await finding([]).search("light keeper", 10)).results == ()

    async def test_an_address_comes_once(self, finding: Finding) -> None:
        found = await finding([ROWS[0], ROWS[0], ROWS[1]]).search("light keeper", 10)
        assert [one.url for one in found.results] == [ROWS[0].url, ROWS[1].url]

    async def test_what_is_no_page_of_the_web_is_left_out(self, finding: Finding) -> None:
        odd = Result("Keeper", "javascript:alert('keeper')", "The light keeper.")
        found = await finding([odd, ROWS[1]]).search("light keeper", 10)
        assert [one.url for one in found.results] == [ROWS[1].url]

    async def test_nobody_there_is_a_failure(self, unreachable: Provider) -> None:
        with pytest.raises(WebSearchFailed):
            await unreachable.search("light keeper", 10)
