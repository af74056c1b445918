from time import process_time

import pytest

from trinax.index.analysis import document_terms, query_terms, query_words
from trinax.index.records import Terms


def finds(query: str, text: str, language: str = "en", file: str = "", context: str = "") -> bool:
    document = document_terms(text, context, file, language)
    return not set(query_terms(query).ids).isdisjoint(document.ids)


def weight(terms: Terms, word: str) -> float:
    (id,) = document_terms(word, language="en").ids
    return dict(zip(terms.ids, terms.weights, strict=True))[id]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("indexing", "it indexes folders"),
        ("getUserName", "def getUserName(self):"),
        ("user name", "def getUserName(self):"),
        ("get_user_name", "def getUserName(self):"),
        ("max_chunk_tokens", "set max-chunk-tokens to 256"),
        ("chunk", "max_chunk_tokens = 256"),
        ("C++", "a C++ compiler"),
        ("c#", "written in C#"),
        (".net", "runs on .NET"),
        ("3.11.7", "Python 3.11.7 is needed"),
        ("E1234", "error e1234: disk full"),
        ("app.py", "see src/web/app.py"),
        ("resume", "mon résumé"),
        ("RÉSUMÉ", "a resume"),
        ("Ｆｕｌｌ", "full width"),
        ("IL6", "the IL-6 receptor"),
    ],
)
def test_a_query_finds_another_writing_of_the_same(query: str, text: str) -> None:
    assert finds(query, text)


@pytest.mark.parametrize(
    ("query", "text", "language"),
    [
        ("¿Dónde están las casas?", "la casa es grande", "es"),
        ("casas grandes", "la casa es grande", "es"),
        ("les chevaux rapides", "un cheval rapide", "fr"),
        ("Häuser", "das Haus", "de"),
        ("cidades", "a cidade antiga", "pt"),
        ("города", "в городе", "ru"),
        ("北京", "我住在北京市", "zh"),
        ("猫", "猫", "zh"),
        ("東京タワー", "東京タワーに行く", "ja"),
        ("서울에서", "서울의 밤", "ko"),
        ("กรุงเทพ", "ไปกรุงเทพมหานคร", "th"),
    ],
)
def test_a_query_finds_other_forms_in_its_language(query: str, text: str, language: str) -> None:
    assert finds(query, text, language)


def test_a_version_is_not_found_by_its_digits_run_together() -> None:
    assert not finds("3117", "Python 3.11.7")


def test_stop_words_are_left_out_of_a_query() -> None:
    searched = [word for word, ids in query_words("what is the answer") if ids]
    assert searched == ["answer"]


def test_stop_words_are_those_of_the_query_s_own_language() -> None:
    assert finds("how to die", "we die")
    assert not finds("warum die Katze", "we die")


def test_a_query_of_stop_words_only_searches_for_them() -> None:
    assert finds("to be or not to be", "not to be")


def test_a_repeated_word_counts_twice_in_a_query() -> None:
    terms = query_terms("the apple of the apple")
    assert weight(terms, "apple") == 2


def test_file_name_and_headings_are_searched() -> None:
    assert finds("ledger", "some text", file="src/ledger.py")
    assert finds("install", "some text", context="Guide › Installing")


def test_a_word_counts_more_in_a_heading_than_in_the_text() -> None:
    in_heading = document_terms("pie", context="apple", language="en")
    in_text = document_terms("pie apple", language="en")
    assert weight(in_heading, "apple") > weight(in_text, "apple")


def test_more_of_a_word_weighs_more_up_to_a_limit() -> None:
    weights = [
        weight(document_terms("apple " * n + "pie " * (500 - n)), "apple") for n in (1, 2, 9)
    ]
    assert weights == sorted(weights)
    assert weight(document_terms("apple " * 500), "apple") < 2.5


def test_a_word_in_a_short_text_weighs_as_the_formula_says() -> None:
    # tf 1, two terms, k1 1.5, b 0.75, average 100: 2.5 / (1 + 1.5 * (0.25 + 0.75 * 0.02)).
    assert weight(document_terms("apple pie"), "apple") == pytest.approx(2.5 / 1.3975)


@pytest.mark.parametrize("text", ["", " \n", "…!?", "___", "\ud83d", "\x00"])
def test_any_text_has_terms(text: str) -> None:
    document, query = document_terms(text), query_terms(text)
    assert len(document.ids) == len(document.weights)
    assert len(query.ids) == len(query.weights)


def test_term_ids_are_distinct_ascending_and_fit_32_bits() -> None:
    ids = document_terms("the quick brown fox jumps over the lazy dog " * 3).ids
    assert list(ids) == sorted(set(ids))
    assert 0 <= ids[0] <= ids[-1] < 2**32


def test_words_of_a_query_come_with_their_ids_and_stop_words_with_none() -> None:
    words = query_words("the getUserName")
    assert [word for word, _ in words] == ["the", "getUserName"]
    assert [len(ids) for _, ids in words] == [0, 4]


def test_a_word_without_end_takes_no_time() -> None:
    began = process_time()
    assert len(query_terms("e\u0301" * 320_000).ids) == 1
    assert process_time() - began < 1
