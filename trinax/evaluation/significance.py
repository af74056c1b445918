"""Whether two ways to rank differ by more than chance on the same questions."""

from collections.abc import Sequence

import numpy as np

ROUNDS = 10_000
SEED = 7
# Signs drawn at a time: 80 MB as float64.
BLOCK_SIGNS = 10_000_000
# Sums of the same differences in another order differ by rounding.
ROUNDING = 1e-9


def sign_flip(differences: Sequence[float], rounds: int = ROUNDS, seed: int = SEED) -> float:
    """Two-sided p of the paired randomisation test: how often the sum of the differences would be
    as far from 0 if each had its sign by chance; in (0, 1].

    Source: Smucker, Allan and Carterette, CIKM 2007; one more round, the observed one, as Phipson
    and Smyth, SAGMB 9(1), 2010, ask for, so that it is never 0.
    """
    # A question without a difference changes no sum.
    changed = np.array([one for one in differences if one], np.float64)
    least = abs(changed.sum()) - ROUNDING
    generator = np.random.default_rng(seed)
    as_far, left = 0, rounds
    while left:
        drawn = max(1, min(left, BLOCK_SIGNS // max(1, len(changed))))
        signs = generator.integers(0, 2, (drawn, len(changed)), np.int8) * 2.0 - 1.0
        as_far += int((np.abs(signs @ changed) >= least).sum())
        left -= drawn
    return (as_far + 1) / (rounds + 1)
