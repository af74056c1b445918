import numpy as np

from trinax.evaluation.extraction.fitting import Example, best_holds, constants, fit, held_out
from trinax.models.extractive.features import NAMES

WIDTH = len(NAMES)


def questions(count: int) -> list[Example]:
    """Excerpts of which the one with the largest third feature is the answer."""
    generator = np.random.default_rng(5)
    found = []
    for i in range(count):
        features = generator.normal(size=(6, WIDTH))
        features[:, 3] = 1.0  # says nothing
        gold = np.arange(6) == int(np.argmax(features[:, 2]))
        found.append(Example(features, gold, gold, f"article {i % 7}"))
    return found


def test_the_feature_that_tells_the_answer_gets_the_weight() -> None:
    weights = fit(questions(200))
    assert int(np.argmax(np.abs(weights))) == 2
    assert weights[3] == 0.0
    assert np.mean(best_holds(questions(200), weights)) > 0.9


def test_questions_without_an_answer_teach_nothing() -> None:
    given = questions(50)
    nothing = np.zeros(6, dtype=bool)
    lost = Example(np.ones((6, WIDTH)), nothing, nothing, "other")
    assert np.array_equal(fit(given), fit([*given, lost]))


def test_every_question_is_judged_once_by_weights_of_other_articles() -> None:
    judged = held_out(questions(140))
    assert len(judged) == 140
    assert np.mean(judged) > 0.8


def test_what_is_drawn_by_lot_cannot_be_learned() -> None:
    generator = np.random.default_rng(6)
    given = [
        Example(one.features, lot, lot, one.article)
        for one in questions(140)
        for lot in [generator.permutation(np.arange(6) == 0)]
    ]
    assert np.mean(held_out(given)) < 0.35


def test_constants_are_lines_of_the_table_of_weights() -> None:
    lines = constants(np.arange(WIDTH, dtype=np.float64)).splitlines()
    assert lines[0] == f'    "{NAMES[0]}": 0.00,'
    assert len(lines) == WIDTH
