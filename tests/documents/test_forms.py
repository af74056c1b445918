import sys
import unicodedata

import pytest

from trinax.documents.forms import MARKS_END, MARKS_LIMIT, SHORT_CHARACTERS, nfkc

MARKS = "\u0301\u0323"


@pytest.mark.parametrize(
    "text", ["plain", "ﬁne №1", "cafe\u0301", "한국어", "ﷺ" * 9, "e" + MARKS * 9]
)
def test_what_people_write_is_as_unicode_says(text: str) -> None:
    for whole in (text, text * SHORT_CHARACTERS):
        assert nfkc(whole) == unicodedata.normalize("NFKC", whole)


def test_marks_without_end_are_cut() -> None:
    tower = "x" * SHORT_CHARACTERS + "q" + MARKS * 200_000 + "z"
    cut = nfkc(tower)
    assert cut == nfkc("x" * SHORT_CHARACTERS + "q" + MARKS * (MARKS_LIMIT // 2) + "z")
    assert sum(map(bool, map(unicodedata.combining, cut))) == MARKS_LIMIT


def test_no_mark_is_forgotten() -> None:
    assert not any(
        unicodedata.combining(chr(code)) for code in range(MARKS_END, sys.maxunicode + 1)
    )
