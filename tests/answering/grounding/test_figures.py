import pytest

from trinax.answering.grounding.figures import figures, held, missing


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("40 litres", "forty litres"),
        ("1,234 boats", "1234 boats"),
        ("3,5 m", "3.5 m"),
        ("2024-05-01", "on 1 May 2024"),
        ("Python 3.11", "Python 3.11.7"),
        ("1990-1995", "from 1990 to 1995"),
        ("７０", "70"),
        ("70年代", "the 1970s"),
        ("10亿", "a billion"),
        ("Klf4 binds", "it binds"),
        ("7 000 000", "7000000"),
        ("3 boats", "三艘船"),
        ("cuatro", "4"),
        ("no number", ""),
    ],
)
def test_the_same_number_is_found_however_it_is_written(said: str, source: str) -> None:
    assert missing(figures(said), held(source)) == 0


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("41 litres", "40 litres"),
        ("Python 3.12", "Python 3.11.7"),
        ("2024-05-02", "on 1 May 2024"),
        ("3.5", "3 of 5"),
        ("1990 and 45 people", "1990 and 46 people"),
        ("5", ""),
    ],
)
def test_another_number_is_missed(said: str, source: str) -> None:
    assert missing(figures(said), held(source)) == 1


@pytest.mark.parametrize("text", ["1" * 100_000, "1," * 50_000, "1-" * 50_000, "1 000 " * 20_000])
def test_endless_numbers_are_read_in_linear_time(text: str) -> None:
    assert missing(figures(text[:50]), held(text)) >= 0
