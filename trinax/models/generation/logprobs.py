"""How likely tokens were, from a row of logits."""

import numpy as np

from trinax.llama.context import Logits
from trinax.llama.vocabulary import Vocabulary
from trinax.models.ports import TokenLogprob


class Likelihoods:
    """The natural logarithms of the probabilities at one place, read before anything (grammar,
    temperature, penalties) changes the logits."""

    def __init__(self, logits: Logits, alternatives: int) -> None:
        """alternatives: how many of the likeliest tokens are kept."""
        shifted = logits - logits.max()
        self._logprobs = shifted - np.log(np.exp(shifted).sum())
        count = min(alternatives, len(logits))
        best = np.argpartition(-self._logprobs, count - 1)[:count] if count else np.empty(0, int)
        # Ties in the order of their ids, so that the same answer has the same list.
        self._best = sorted(best.tolist(), key=lambda token: (-self._logprobs[token], token))

    def of(self, token: int, vocabulary: Vocabulary) -> TokenLogprob:
        top = tuple(self._one(other, vocabulary) for other in self._best)
        one = self._one(token, vocabulary)
        return TokenLogprob(one.token, one.bytes, one.logprob, top)

    def _one(self, token: int, vocabulary: Vocabulary) -> TokenLogprob:
        data = vocabulary.spelling(token)
        return TokenLogprob(data.decode("utf-8", "replace"), data, float(self._logprobs[token]))
