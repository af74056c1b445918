"""Which of the models that share a machine may compute now."""

import threading


class Precedence:
    """Among models: who has less urgent work than another rests. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ranks: dict[object, int] = {}  # of the most urgent work of each that has some

    def goes(self, model: object, rank: int) -> bool:
        """Whether the model may compute, whose most urgent work is of this rank from now on."""
        with self._lock:
            self._ranks[model] = rank
            return rank <= min(self._ranks.values())

    def leave(self, model: object) -> None:
        """It has no work any more."""
        with self._lock:
            self._ranks.pop(model, None)
