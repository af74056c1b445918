"""Cross-encoders in GGUF form.

Importing this takes 0.8 s for llama_cpp, so import it when such a model is wanted.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trinax.errors import ModelFailed
from trinax.llama.encoder import Encoder
from trinax.llama.pooled import Pooling, Rows, stored_pooling
from trinax.llama.weights import Weights
from trinax.models.ports import Ranking
from trinax.models.ranking.pairs import Pairs, check_template

TEMPLATE = "tokenizer.chat_template.rerank"
# Whose classes llama.cpp gives as probabilities; all others come as logits.
SOFTMAXED = ("qwen3", "qwen3vl")
# What models call the class of a text that answers the query.
RELEVANT = ("yes", "true", "relevant", "label_1")


class LlamaRanker:
    """Reads each text together with the query, many pairs in a batch. Callable from any thread.

    A score is the model's probability that the text answers the query: of a model with one
    output its sigmoid, of one with classes that of the relevant one. A text that is too long is
    judged by its beginning.
    gpu_layers: -1 = all that fit. threads: 0 = one for each physical core.
    Raises ModelFailed.
    """

    def __init__(self, model_id: str, file: Path, gpu_layers: int = -1, threads: int = 0) -> None:
        self._id = model_id
        weights = Weights(model_id, file, gpu_layers)
        try:
            if stored_pooling(weights) is not Pooling.RANK:
                raise ModelFailed(model_id, "it does not rank pairs of texts")
            self._softmaxed = weights.value("general.architecture") in SOFTMAXED
            self._relevant = _relevant(weights, self._softmaxed)
            self._template = weights.value(TEMPLATE)
            check_template(model_id, self._template)
            self._encoder = Encoder(weights, Pooling.RANK, threads)
        except BaseException:
            weights.close()
            raise

    @property
    def id(self) -> str:
        return self._id

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        return list(self.ranking(query, texts).scores)

    def ranking(self, query: str, texts: Sequence[str]) -> Ranking:
        with self._encoder.reading() as vocabulary:
            pairs = Pairs(vocabulary, self._template, query, self._encoder.limit_tokens)
            rows = [pairs.row(text) for text in texts]
        outputs = self._encoder.vectors([tokens for tokens, _ in rows])
        cut = tuple(place for place, (_, was_cut) in enumerate(rows) if was_cut)
        return Ranking(tuple(self._probabilities(outputs).tolist()), cut)

    def close(self) -> None:
        """Waits for what is being computed; safe to call twice."""
        self._encoder.close()

    def _probabilities(self, outputs: Rows) -> NDArray[np.float64]:
        values = outputs.astype(np.float64)
        if values.shape[1] == 1:
            return 0.5 + 0.5 * np.tanh(0.5 * values[:, 0])  # the sigmoid, which cannot overflow
        if not self._softmaxed:
            values = np.exp(values - values.max(axis=1, keepdims=True))
            values /= values.sum(axis=1, keepdims=True)
        return values[:, self._relevant]


def _relevant(weights: Weights, softmaxed: bool) -> int:
    """Which output is the one that counts."""
    classes = weights.classes
    if len(classes) == 1 and not softmaxed:
        return 0
    for place, name in enumerate(classes):
        if name.lower() in RELEVANT:
            return place
    names = ", ".join(map(repr, classes))
    raise ModelFailed(weights.model_id, f"which of its classes ({names}) is relevance is unknown")
