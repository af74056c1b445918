from math import log

import numpy as np
import pytest

from trinax.evaluation.logistic import fit, sigmoid


def test_a_binary_feature_gets_its_log_odds() -> None:
    # One of four is positive without the feature and three of four with it, so the odds are
    # 1 : 3 and 3 : 1, and their logarithms are known without any fitting.
    features = np.array([[0.0]] * 4 + [[1.0]] * 4)
    labels = np.array([1.0, 0, 0, 0, 1, 1, 1, 0])
    beta = fit(features, labels, np.ones(8))
    assert beta == pytest.approx([-log(3), 2 * log(3)], abs=0.02)


def test_weights_count_as_repetitions() -> None:
    labels = np.array([1.0, 0.0])
    beta = fit(np.zeros((2, 1)), labels, np.array([3.0, 1.0]))
    assert sigmoid(beta[:1])[0] == pytest.approx(0.75)


def test_classes_that_are_apart_still_get_finite_weights() -> None:
    features = np.array([[0.0], [0.1], [0.9], [1.0]])
    beta = fit(features, np.array([0.0, 0, 1, 1]), np.ones(4))
    assert np.isfinite(beta).all()
    assert sigmoid(beta[0] + features[:, 0] * beta[1]).round().tolist() == [0, 0, 1, 1]
