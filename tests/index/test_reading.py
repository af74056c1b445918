"""Texts read many at a time have the terms that chunks are found by."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from trinax.index import analysis, reading
from trinax.index.reading import Reading, joined, readings

MIXED = [
    ("Owls hunt owls; see getUserName, C++ and T-cell 3.11.7.", "en"),
    ("Los búhos cazan “de noche” — siempre.", "es"),
    ("北京 is 首都, 東京タワー too", "zh"),
    ("a" * 500 + "\x1cb\ud800 \u00adc", ""),
    ("\x00.net\x00\x7fd'une \u2028(\u0301x)", "fr"),
    ("", "en"),
]


@pytest.fixture(params=[0, 1 << 30], ids=["together", "one by one"], autouse=True)
def few_characters(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "FEW_CHARACTERS", request.param)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hardly anything is remembered."""
    monkeypatch.setattr(reading, "PLACE_BITS", 3)
    monkeypatch.setattr(reading, "TERMS", 50)
    reading._of_language.cache_clear()
    yield
    reading._of_language.cache_clear()


def terms(*read: Reading) -> list[int]:
    return [int(id) for id in joined(*read)]


def ids(text: str, language: str) -> list[int]:
    return sorted(analysis.occurrences(text, language))


@pytest.mark.parametrize(("text", "language"), MIXED)
def test_a_reading_has_the_terms_that_a_chunk_is_found_by(text: str, language: str) -> None:
    (found,) = readings([text], language)
    assert sorted({*terms(found)}) == list(analysis.document_terms(text, language=language).ids)
    assert sorted(terms(found)) == ids(text, language)


def test_terms_follow_each_other_as_in_the_text() -> None:
    owls, hunt, owl = terms(*readings(["Owls hunt owls"], "en"))
    assert owls == owl != hunt


def test_texts_are_not_mixed_up() -> None:
    texts = ["owls hunt", "", "...", "a_b", "owls", "猫", "x " * 3000, "C++"]
    for _ in range(2):
        for text, found in zip(texts, readings(texts, "en"), strict=True):
            assert sorted(terms(found)) == ids(text, "en")
    assert readings([], "en") == []


def test_a_language_has_words_of_its_own() -> None:
    (english,), (spanish,) = readings(["cazan"], "en"), readings(["cazan"], "es")
    assert terms(english) != terms(spanish)
    assert terms(*readings(["hunting"])) == terms(*readings(["hunting"], "en"))


def _drawn(chance: np.random.Generator, letters: Sequence[str]) -> list[str]:
    sizes = chance.integers(1, 90, 400)
    return ["".join(chance.choice(letters, size)) for size in sizes]


@pytest.mark.parametrize("letters", ["ab", "aA_-.+# é\u0301\n", "abcdefghij"])
def test_runs_of_all_lengths_are_told_apart(letters: str) -> None:
    chance = np.random.default_rng(5)
    drawn = _drawn(chance, [*letters])
    for _ in range(3):
        chance.shuffle(drawn)
        for text, found in zip(drawn, readings(drawn, "en"), strict=True):
            assert sorted(terms(found)) == ids(text, "en")


@pytest.mark.usefixtures("small")
def test_what_is_forgotten_is_read_again() -> None:
    chance = np.random.default_rng(7)
    words = _drawn(chance, [*"abc"])
    for _ in range(20):
        texts = [" ".join(chance.choice(words, 12)) for _ in range(4)]
        for text, found in zip(texts, readings(texts, "en"), strict=True):
            assert sorted(terms(found)) == ids(text, "en")


@pytest.mark.parametrize("letter", ["q", "é"])
def test_a_long_run_is_not_its_beginning(letter: str) -> None:
    size = reading.RUN_BYTES // len(letter.encode())
    for text in (letter * (size + 6), letter * size, letter * (size + 7), letter * (size - 1)):
        (found,) = readings([text], "en")
        assert terms(found) == ids(text, "en")
