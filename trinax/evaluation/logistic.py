"""Logistic regression, for calibrating the confidence."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Keeps the weights finite where a feature separates the classes completely.
RIDGE = 1e-3
STEPS = 50


def fit(features: Array, labels: Array, weights: Array) -> Array:
    """The intercept and one coefficient for each feature, on the features' own scale.

    features: (n, d); labels: (n,) of 0 and 1; weights: (n,) above 0.
    Source: iteratively reweighted least squares, Hastie, Tibshirani and Friedman, 2009, §4.4.1,
    with a small ridge penalty on standardised coefficients.
    """
    centre, spread = features.mean(axis=0), features.std(axis=0)
    spread[spread == 0] = 1.0
    x = np.column_stack([np.ones(len(features)), (features - centre) / spread])
    weights = weights / weights.sum()
    penalty = RIDGE * np.eye(x.shape[1])
    penalty[0, 0] = 0.0
    beta = np.zeros(x.shape[1])
    for _ in range(STEPS):
        p = sigmoid(x @ beta)
        gradient = x.T @ (weights * (labels - p)) - penalty @ beta
        curvature = (x * (weights * p * (1 - p))[:, None]).T @ x + penalty
        step = np.linalg.solve(curvature + 1e-9 * np.eye(len(beta)), gradient)
        beta = beta + step
        if np.abs(step).max() < 1e-8:
            break
    slopes = beta[1:] / spread
    return np.concatenate([[beta[0] - slopes @ centre], slopes])


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(x, -60.0, 60.0)))
