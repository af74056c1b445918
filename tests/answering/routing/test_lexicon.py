import json
from importlib.resources import files

from trinax.answering.routing.kinds import MARKS, MEASURES
from trinax.answering.routing.lexicon import PHRASE_WORDS, lexicon


def test_no_group_is_named_like_another_feature() -> None:
    assert lexicon().reasons.keys() & (MARKS.keys() | MEASURES.keys()) == set()


def test_every_group_has_a_reason_and_words() -> None:
    found = [*lexicon().exact.values(), *lexicon().unspaced.values()]
    assert {group for groups in found for group in groups} == lexicon().reasons.keys()
    assert all(lexicon().reasons.values())


def test_terms_are_written_as_they_are_looked_up() -> None:
    rows = json.loads(files("trinax.answering.routing").joinpath("lexicon.json").read_text("utf-8"))
    terms = [term for row in rows.values() for line in row["words"] for term in line.split()]
    assert [term for term in terms if term != term.casefold().replace("’", "'")] == [
        term for term in terms if "ß" in term
    ]
    assert max(term.count("_") for term in terms) < PHRASE_WORDS


def test_a_stem_stands_for_any_ending() -> None:
    assert lexicon().hits(["obrigadinho"], "obrigadinho") == {"thanks": 1}


def test_terms_without_blanks_are_found_anywhere() -> None:
    assert "thanks" in lexicon().hits(["太", "谢", "谢"], "太谢谢")
