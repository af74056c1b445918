"""Which models are in memory, and which of them leaves it for another."""

import time
from dataclasses import dataclass
from typing import Protocol

from trinax.errors import Busy, ModelFailed
from trinax.models.ports import Load, ModelInfo

RETRY_S = 5.0  # told to who needs the room of models that are at work
GIGABYTE = 1_000_000_000


class Resident(Protocol):
    """A model that can leave memory and come back. Implemented by LlamaGenerator,
    EmbedderOnDemand and RankerOnDemand."""

    @property
    def info(self) -> ModelInfo: ...

    @property
    def loaded(self) -> bool: ...

    @property
    def memory_bytes(self) -> int:
        """What it takes while it is loaded, whether it is or not."""

    def load(self) -> Load: ...

    def unload(self) -> bool:
        """Leave memory; False, without waiting, if it is at work or about to be."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Held:
    """A model in memory. idle_s: since its last use began."""

    info: ModelInfo
    memory_bytes: int
    idle_s: float


class Room:
    """The memory that models share. Not thread-safe; its owner has a lock.

    A model counts from its admission, which is before it loads, until it was unloaded.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._known: dict[str, Resident] = {}  # by id, last used last
        self._used_at: dict[str, float] = {}
        self._admitted: set[str] = set()

    @property
    def taken_bytes(self) -> int:
        return sum(resident.memory_bytes for resident in self._inside())

    def enter(self, resident: Resident) -> None:
        """Make room, unloading what was not used for longest; marks the model as used.

        Raises ModelFailed if it never fits, Busy if those at work leave too little.
        """
        model_id = resident.info.id
        if not self._counts(resident):
            self._make(resident)
        self._known.pop(model_id, None)
        self._known[model_id] = resident
        self._used_at[model_id] = time.monotonic()
        self._admitted.add(model_id)

    def leave(self, resident: Resident) -> None:
        """Forget it."""
        if self._known.get(resident.info.id) is resident:
            del self._known[resident.info.id], self._used_at[resident.info.id]
            self._admitted.discard(resident.info.id)

    def held(self) -> list[Held]:
        """What is loaded, the last used first."""
        now = time.monotonic()
        return [
            Held(resident.info, resident.memory_bytes, now - self._used_at[resident.info.id])
            for resident in reversed(self._inside())
            if resident.loaded
        ]

    def release(self, model_id: str) -> None:
        """Unload it, unless it is at work."""
        resident = self._known.get(model_id)
        if resident and _idle(resident):
            self._unload(resident)

    def sweep(self, keep_alive_s: float) -> None:
        """Unload what was not at work for so long."""
        now = time.monotonic()
        for resident in self._inside():
            model_id = resident.info.id
            if not _idle(resident):
                self._used_at[model_id] = now
            elif now - self._used_at[model_id] >= keep_alive_s:
                self._unload(resident)

    def _counts(self, resident: Resident) -> bool:
        model_id = resident.info.id
        # One that was given before it was unloaded can load again without being admitted.
        return self._known.get(model_id) is resident and (
            model_id in self._admitted or resident.loaded
        )

    def _inside(self) -> list[Resident]:
        return [resident for resident in self._known.values() if self._counts(resident)]

    def _unload(self, resident: Resident) -> bool:
        gone = resident.unload()
        if gone:
            self._admitted.discard(resident.info.id)
        return gone

    def _make(self, resident: Resident) -> None:
        model_id, needed = resident.info.id, resident.memory_bytes
        if needed > self._limit_bytes:
            raise ModelFailed(
                model_id,
                f"it needs about {needed / GIGABYTE:.1f} GB of memory and models have "
                f"{self._limit_bytes / GIGABYTE:.1f} GB (models.memory_bytes); a lower "
                "models.context_tokens or a smaller quantisation needs less",
            )
        too_much = self.taken_bytes + needed - self._limit_bytes
        idle = [other for other in self._inside() if _idle(other)]
        if too_much <= sum(other.memory_bytes for other in idle):
            for other in idle:
                if too_much > 0 and self._unload(other):
                    too_much -= other.memory_bytes
        if too_much > 0:
            raise Busy(f"The memory that model {model_id!r} needs", RETRY_S)


def _idle(resident: Resident) -> bool:
    load = resident.load()
    return not load.running and not load.waiting
