from collections.abc import Sequence

import numpy as np
import pytest

from trinax.retrieval.features import (
    FIRST,
    Hits,
    Texts,
    asked_for,
    hits,
    likeness,
    pairs,
    rare,
    texts,
    window,
)

# A question of three words, of which the first weighs half; words are numbers here.
QUESTION = [frozenset({1}), frozenset({2}), frozenset({3, 30})]
MASSES = np.array([0.5, 0.25, 0.25])
OTHER = 9


def stood(*sequences: Sequence[int]) -> Texts:
    return texts([np.array(one, np.uint32) for one in sequences])


def found(*sequences: Sequence[int]) -> Hits:
    return hits(stood(*sequences), QUESTION, MASSES)


def test_hits_are_the_places_of_the_questions_words() -> None:
    places = found([OTHER, 1, 30], [2])
    assert places.rows.tolist() == [0, 0, 1]
    assert places.words.tolist() == [0, 2, 1]
    assert (places.at[1] - places.at[0], places.number) == (1, 2)


def test_a_term_of_two_words_counts_for_the_first() -> None:
    places = hits(stood([7]), [frozenset({7}), frozenset({7, 8})], np.array([0.5, 0.5]))
    assert places.words.tolist() == [0]


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ([1, 2, 3], 1.0),
        ([1, 2], 0.5),
        ([2, 1], 0.0),
        ([1, OTHER, 2], 0.0),
        ([1, 3], 0.0),
    ],
)
def test_pairs_without_reach_stand_as_in_the_question(text: list[int], share: float) -> None:
    assert pairs(found(text), reach_terms=1).tolist() == [share]


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ([2, 1], 0.5),
        ([1, OTHER, OTHER, OTHER, 2], 0.5),
        ([1, OTHER, OTHER, OTHER, OTHER, 2], 0.0),
    ],
)
def test_near_pairs_stand_in_any_order(text: list[int], share: float) -> None:
    assert pairs(found(text)).tolist() == [share]


def test_the_window_with_most_of_the_question_counts() -> None:
    apart = [1, *[OTHER] * 30, 2, OTHER, 3]
    assert window(found(apart, [3, 2, 1], [])).tolist() == [0.5, 1.0, 0.0]


def test_nothing_is_near_across_two_texts() -> None:
    assert pairs(found([1], [2])).tolist() == [0.0, 0.0]
    assert window(found([1], [2])).tolist() == [0.5, 0.25]


def test_a_question_of_one_word_has_no_pairs() -> None:
    alone = hits(stood([1]), QUESTION[:1], np.array([1.0]))
    assert pairs(alone).tolist() == [0.0]
    assert window(alone).tolist() == [1.0]


def test_a_question_without_words_has_no_hits() -> None:
    nothing = hits(stood([1]), [], np.array([]))
    assert pairs(nothing).tolist() == window(nothing).tolist() == [0.0]


def rarity(*sequences: Sequence[int]) -> list[float]:
    return list(rare(found(*sequences), stood(*sequences)))


def test_what_all_of_the_first_hold_counts_for_nothing() -> None:
    assert rarity([1], [1, 1]) == pytest.approx([0.0, 0.0])


def test_a_word_that_few_of_the_first_hold_counts_more() -> None:
    others = [[1, 2]] * (FIRST - 2)
    only_common, with_rare, *_ = rarity([1, 2, OTHER], [1, 2, 3], *others)
    assert with_rare > only_common == 0.0


def test_a_word_that_none_of_the_first_hold_counts_in_full() -> None:
    # Twice in a hundred terms, the average: 2 / (2 + 1.5) of the word's 0.25.
    later = [3, 30, *[OTHER] * 98]
    assert rarity(*[[1]] * FIRST, later)[-1] == pytest.approx(0.25 * 2 / 3.5)


def test_rarity_weighs_how_often_and_in_how_much_text_a_word_stands() -> None:
    once, twice, in_more = rarity([3], [3, 3], [3, *[OTHER] * 50], [1], [1])[:3]
    assert in_more < once < twice


def test_a_heading_is_asked_for_as_far_as_it_holds_the_question() -> None:
    shares = asked_for(stood([1, 2], [1, OTHER], [OTHER], []), QUESTION)
    assert shares[0] == 1.0
    assert 0 < shares[1] < 1
    assert shares[2:].tolist() == [0.0, 0.0]


def test_what_all_headings_hold_weighs_less() -> None:
    rest, own = asked_for(stood([OTHER, 1], [OTHER, 8]), QUESTION), [OTHER, 1]
    assert rest[0] > 1 / len(own)


def test_texts_are_alike_as_far_as_they_share_words() -> None:
    alike = likeness(stood([1, 2], [1, 2], [1, 5], [6, 7]))
    assert alike[0, 0] == alike[0, 1] == pytest.approx(1.0)
    assert 0 < alike[0, 2] == alike[2, 0] < 1
    assert alike[0, 3] == 0.0


def test_texts_without_words_are_like_nothing() -> None:
    assert likeness(stood([], [])).tolist() == [[0.0, 0.0], [0.0, 0.0]]
