import pytest

from trinax.retrieval.negation import negates


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Which birds do not sleep?", "en"),
        ("Which birds don't sleep?", "en"),
        ("Which birds don’t sleep?", "en"),
        ("¿Qué aves no duermen?", "es"),
        ("Quels oiseaux ne dorment pas ?", "fr"),
        ("Welche Vögel schlafen nie?", "de"),
        ("Quais aves não dormem?", "pt"),
        ("Quali uccelli non dormono?", "it"),
        ("哪些鸟不睡觉？", "zh"),
    ],
)
def test_a_denial_is_found_in_its_language(text: str, language: str) -> None:
    assert negates(text, language) is True


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Which nothosaurs are known?", "en"),
        ("Quais aves dormem no Brasil?", "pt"),
        ("Im Mai schlafen sie.", "de"),
        ("", "en"),
    ],
)
def test_what_only_looks_like_one_is_none(text: str, language: str) -> None:
    assert negates(text, language) is False


def test_other_languages_are_not_known() -> None:
    assert negates("Tori wa nemurimasen.", "ja") is None
    assert negates("x", "") is None


def test_a_huge_text_is_read_in_no_time() -> None:
    assert negates("n'" * 50_000, "en") is False
