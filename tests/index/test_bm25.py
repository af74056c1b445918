import pytest

from trinax.index.bm25 import holding, rarity


@pytest.mark.parametrize(("chunks", "number"), [(1, 1), (5, 1), (1000, 999), (10**6, 3)])
def test_a_rarity_tells_of_how_many_chunks_it_is(chunks: int, number: int) -> None:
    assert rarity(chunks, number) > 0
    assert holding(chunks, rarity(chunks, number)) == pytest.approx(number)


def test_a_term_that_is_not_there_has_no_rarity() -> None:
    assert holding(10, 0.0) == 0


def test_rarity_is_that_of_the_engines() -> None:
    # ln(1 + (10 - 2 + 0.5) / (2 + 0.5))
    assert rarity(10, 2) == pytest.approx(1.4816, abs=1e-4)
