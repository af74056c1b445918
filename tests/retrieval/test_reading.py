import numpy as np
import pytest

from tests.retrieval.test_copies import passage
from trinax.index import analysis
from trinax.index.analysis import ID_TYPE, document_terms, joined
from trinax.retrieval import reading


def terms(*read: analysis.Reading) -> list[int]:
    return [int(id) for id in np.frombuffer(joined(*read), ID_TYPE)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Owls hunt owls; see getUserName, C++ and T-cell 3.11.7.", "en"),
        ("Los búhos cazan “de noche” — siempre.", "es"),
        ("北京 is 首都, 東京タワー too", "zh"),
        ("a" * 500 + "\x1cb\ud800 \u00adc", ""),
        ("", "en"),
    ],
)
def test_a_reading_has_the_terms_that_a_chunk_is_found_by(text: str, language: str) -> None:
    found = terms(analysis.reading(text, language))
    assert sorted({*found}) == list(document_terms(text, language=language).ids)
    assert sorted(found) == sorted(analysis.occurrences(text, language))


def test_terms_follow_each_other_as_in_the_text() -> None:
    owls, hunt, owl = terms(analysis.reading("Owls hunt owls", "en"))
    assert owls == owl != hunt


def test_headings_stand_before_the_text_and_words_before_other_scripts() -> None:
    read = reading.of(passage("owl 猫", context="Birds 鳥", language="zh"))
    birds, bird_gram = terms(read.context)
    owl, cat_gram = terms(read.text)
    assert terms(read.context, read.text) == [birds, owl, bird_gram, cat_gram]
