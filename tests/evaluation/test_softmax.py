import numpy as np

from trinax.evaluation.softmax import fit, probabilities


def test_probabilities_are_those_of_the_definition() -> None:
    [row] = probabilities(np.log(np.array([[1.0, 2.0, 5.0]])))
    assert np.allclose(row, [0.125, 0.25, 0.625])


def test_large_scores_do_not_overflow() -> None:
    assert np.allclose(probabilities(np.array([[1000.0, 0.0]])), [[1.0, 0.0]])


def test_the_gradient_vanishes_at_the_fit() -> None:
    draw = np.random.default_rng(1)
    x = draw.normal(size=(200, 3))
    labels = draw.integers(0, 3, 200)
    beta = fit(x, labels, 3, ridge=0.1)
    ones = np.column_stack([x, np.ones(200)])
    penalty = np.array([[0.1]] * 3 + [[0.0]])
    gradient = ones.T @ (probabilities(ones @ beta) - np.eye(3)[labels]) / 200 + penalty * beta
    assert np.abs(gradient).max() < 1e-6


def test_without_features_the_shares_are_learned() -> None:
    labels = np.array([0] * 6 + [1] * 3 + [2] * 1)
    beta = fit(np.zeros((10, 1)), labels, 3, ridge=0.1)
    assert np.allclose(probabilities(beta[-1:]), [[0.6, 0.3, 0.1]], atol=1e-4)
