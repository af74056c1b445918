"""A loaded model with everything that a scheduler needs of it."""

from dataclasses import dataclass

from trinax.llama.context import Context
from trinax.llama.vocabulary import Vocabulary
from trinax.llama.weights import Weights
from trinax.models.generation.parking import Parking
from trinax.models.generation.sampling import Defaults


@dataclass(frozen=True, slots=True)
class Engine:
    """Owned by one thread. kept_tokens: how many it remembers beside those of running answers.
    parking: where they outlive it."""

    weights: Weights
    context: Context
    vocabulary: Vocabulary
    defaults: Defaults
    kept_tokens: int
    parking: Parking | None = None

    @property
    def model_id(self) -> str:
        return self.weights.model_id

    @property
    def recurrent(self) -> bool:
        return self.weights.recurrent

    def close(self) -> None:
        self.context.close()
        self.weights.close()
