"""Multinomial logistic regression, for the router's weights."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEPS = 300


def fit(x: Array, labels: NDArray[np.int64], kinds: int, ridge: float) -> Array:
    """Coefficients, (d + 1, kinds); the last row is the intercept, which is not penalised.

    x: (n, d). labels: (n,) in [0, kinds). ridge: times half the squared coefficients.
    Source: Nesterov's accelerated gradient with restarts (O'Donoghue and Candès, 2015) and the step
    that Böhning's bound on the curvature allows (1992).
    """
    x = np.column_stack([x, np.ones(len(x))])
    wanted = np.eye(kinds)[labels]
    penalty = np.full((x.shape[1], 1), ridge)
    penalty[-1] = 0.0
    step = 1 / (0.5 * _largest(x) / len(x) + ridge)
    beta = ahead = np.zeros((x.shape[1], kinds))
    momentum = 1.0
    for _ in range(STEPS):
        gradient = x.T @ (probabilities(x @ ahead) - wanted) / len(x) + penalty * ahead
        after = ahead - step * gradient
        if (gradient * (after - beta)).sum() > 0:
            momentum = 1.0
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = after + (momentum - 1) / following * (after - beta)
        beta, momentum = after, following
    return beta


def probabilities(scores: Array) -> Array:
    """Of each row's kinds; (n, kinds), rows of sum 1."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _largest(x: Array) -> float:
    """The largest eigenvalue of xᵀx, by power iteration."""
    direction = np.ones(x.shape[1])
    value = 1.0
    for _ in range(30):
        direction = x.T @ (x @ direction)
        value = float(np.linalg.norm(direction))
        direction /= value
    return 1.1 * value
