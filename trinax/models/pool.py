"""Every model by its id, and which of them are in memory."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from trinax.embedding.ports import Embedder
from trinax.errors import InvalidRequest, ModelFailed, ModelNotFound, TrinaxError
from trinax.models.catalogue.catalogue import Catalogue, Installed
from trinax.models.catalogue.gguf_metadata import Value
from trinax.models.catalogue.memory import models_bytes, needed_bytes
from trinax.models.catalogue.roles import assigned
from trinax.models.generation.generator import LlamaGenerator, context_tokens
from trinax.models.generation.precedence import Precedence
from trinax.models.measuring import Measured, Told
from trinax.models.ondemand import EmbedderOnDemand, RankerOnDemand
from trinax.models.ports import (
    AUTO,
    Generation,
    Generator,
    Load,
    Message,
    ModelInfo,
    ModelKind,
    Ranker,
    Sampling,
)
from trinax.models.room import Held, Resident, Room
from trinax.settings import Models, Roles

logger = logging.getLogger(__name__)

DOES = {"generate": "writes", "extract": "quotes", "embed": "embeds", "rank": "ranks"}
DO = {"generate": "write", "extract": "quote", "embed": "embed", "rank": "rank"}
WARM_UP = Generation((Message("user", "Hi"),), "Hi", sampling=Sampling(max_tokens=1))
# Unused models are looked for so often in the time that they may stay.
LOOKS = 4
LONGEST_LOOK_S = 10.0

_Model = LlamaGenerator | EmbedderOnDemand | RankerOnDemand
Opened = TypeVar("Opened", LlamaGenerator, EmbedderOnDemand, RankerOnDemand)
KINDS: dict[type, ModelKind] = {
    LlamaGenerator: "generate",
    EmbedderOnDemand: "embed",
    RankerOnDemand: "rank",
}


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a pool needs beside the models folder.

    embedder, ranker: open an installed model; None where there is no use for one.
    embedders: open already and for as long as the pool is; the pool does not close them.
    light: one of them, fast enough for each sentence of an answer while it is written.
    roles: as configured. parked_dir: where computed prompts outlive a model, None for nowhere.
    told: of every text that get()'s generators write.
    """

    embedder: Callable[[Installed], Embedder] | None = None
    ranker: Callable[[Installed], Ranker] | None = None
    embedders: Sequence[Embedder] = ()
    light: Embedder | None = None
    roles: Roles = Roles()
    parked_dir: Path | None = None
    told: Told | None = None


class Pool:
    """The installed models and the built-in ones. Thread-safe.

    A model loads at its first use. What then no longer fits in memory leaves it, the least
    recently used first, and loads again when asked: what was once given stays usable. A model
    at work stays.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        settings: Models,
        builtin: Sequence[Generator] = (),
        listed: Sequence[ModelInfo] = (),
        wiring: Wiring = Wiring(),
    ) -> None:
        """builtin: generators that are no files. listed: models that run elsewhere, for infos()."""
        self._catalogue = catalogue
        self._settings = settings
        self._builtin = {generator.info.id: generator for generator in builtin}
        self._listed = tuple(listed)
        self._wiring = wiring
        self._precedence = Precedence()
        self._embedders = {embedder.id: embedder for embedder in wiring.embedders}
        self._lock = threading.Lock()  # over what follows
        self._opened: dict[str, tuple[Installed, _Model]] = {}
        self._limit_bytes = max(0, models_bytes(settings) - self._kept_bytes())
        self._room = Room(self._limit_bytes)
        self._limits: tuple[frozenset[str], ...] = ()
        self._stopping = threading.Event()
        self._tending: threading.Thread | None = None

    def start(self) -> None:
        """Load what is to be there from the start, in the background, and unload what is not used
        any longer from now on."""
        if self._settings.preload or self._settings.keep_alive_s:
            self._tending = threading.Thread(target=self._tend, name="models", daemon=True)
            self._tending.start()

    def within(self, models: frozenset[str] | None) -> "Pool":
        """The same models without those that have other ids (None: all), as if there were none.

        Where "auto" is among the ids, a request for it may be given any model.
        """
        if models is None:
            return self
        narrowed = copy(self)  # the lock and what it guards are shared
        narrowed._limits = (*self._limits, models)
        return narrowed

    def infos(self) -> list[ModelInfo]:
        """What can be named: installed models by id, then the built-in ones; never waits for a
        running model."""
        return [info for info in self._infos() if self.gives(info.id, info.id)]

    def candidates(self, wanted: str = AUTO) -> list[ModelInfo]:
        """What a request for this model may be given: one of those for "auto"."""
        return [info for info in self._infos() if self.gives(wanted, info.id)]

    def check(self, wanted: str, model_id: str) -> None:
        """Raises ModelNotFound unless it gives() this model."""
        if not self.gives(wanted, model_id):
            raise ModelNotFound(wanted)

    def gives(self, wanted: str, model_id: str) -> bool:
        """Whether a request for a model, or for "auto", may be given this one, there or not."""
        return all(
            model_id in limit or (wanted == AUTO and AUTO in limit) for limit in self._limits
        )

    def _infos(self) -> list[ModelInfo]:
        installed = [
            self._as_it_runs(model) if model.info.kind == "generate" else model.info
            for model in self._catalogue.models()
        ]
        builtin = [generator.info for generator in self._builtin.values()]
        return assigned([*installed, *builtin, *self._listed], self._wiring.roles)

    def _as_it_runs(self, model: Installed) -> ModelInfo:
        limit = context_tokens(model.info, self._settings)
        if model.info.problem:
            return replace(model.info, context_tokens=limit)
        fits = needed_bytes(model, limit, self._settings) <= self._limit_bytes
        return replace(model.info, context_tokens=limit, fits=fits)

    def get(self, model_id: str) -> Generator:
        """May block for the moment that another model needs to leave memory.

        Raises ModelNotFound, ModelFailed for a file with a problem and for what does not fit in
        memory, Busy while models at work leave no room, InvalidRequest for one that does not write.
        """
        self.check(AUTO, model_id)
        generator = self._writer(model_id)
        return Measured(generator, self._wiring.told) if self._wiring.told else generator

    def embedder(self, model_id: str) -> Embedder:
        """Raises as get() does, some of it only when it is used."""
        self.check(AUTO, model_id)
        if model_id in self._embedders:
            return self._embedders[model_id]
        return self._open(model_id, EmbedderOnDemand)

    @property
    def light_embedder(self) -> Embedder | None:
        """One fast enough for each sentence of an answer while it is written."""
        return self._wiring.light

    def ranker(self, model_id: str) -> Ranker:
        """Raises as get() does, some of it only when it is used."""
        self.check(AUTO, model_id)
        return self._open(model_id, RankerOnDemand)

    def loads(self) -> list[Load]:
        """How busy each generator is that was asked for since the start, and the built-in ones.
        May block as get() does."""
        with self._lock:
            opened = [opened for _, opened in self._opened.values()]
        generators = [each for each in opened if isinstance(each, LlamaGenerator)]
        loads = [each.load() for each in (*generators, *self._builtin.values())]
        return [load for load in loads if self.gives(load.model, load.model)]

    def metadata(self, model_id: str) -> Mapping[str, Value]:
        """What the header of an installed file says. Raises ModelNotFound."""
        self.check(model_id, model_id)
        return self._catalogue.installed(model_id).metadata

    def held(self) -> list[Held]:
        """The installed models that are in memory, the last used first. May block as get() does."""
        with self._lock:
            held = self._room.held()
        return [each for each in held if self.gives(each.info.id, each.info.id)]

    def release(self, model_id: str) -> None:
        """Have a model leave memory now, unless it is at work. May block as get() does."""
        with self._lock:
            self._room.release(model_id)

    def close(self) -> None:
        """End everything that is being written and free every model; safe to call twice."""
        self._stopping.set()
        with self._lock:
            opened = dict(self._opened)
            self._opened.clear()
        for each in [*(part for _, part in opened.values()), *self._builtin.values()]:
            each.close()
        if self._tending:
            self._tending.join()

    def _writer(self, model_id: str) -> Generator:
        if model_id in self._builtin:
            return self._builtin[model_id]
        generator = self._open(model_id, LlamaGenerator)
        self._enter(generator)
        return generator

    def _open(self, model_id: str, wanted: type[Opened]) -> Opened:
        model = self._usable(model_id, KINDS[wanted])
        stale = None
        with self._lock:
            if self._stopping.is_set():
                raise ModelFailed(model_id, "the server is stopping")
            before, opened = self._opened.get(model_id, (None, None))
            if not before or before.parts != model.parts:
                stale, opened = opened, self._opener(model)
                self._opened[model_id] = (model, opened)
                if stale:
                    self._room.leave(stale)
        if stale:  # without the lock: it may end a use that waits for it
            stale.close()
        if isinstance(opened, wanted):
            return opened
        raise _other(model.info, KINDS[wanted])

    def _usable(self, model_id: str, kind: ModelKind) -> Installed:
        for info in (*self._listed, *(generator.info for generator in self._builtin.values())):
            if info.id == model_id:
                raise _other(info, kind)
        try:
            model = self._catalogue.installed(model_id)
        except ModelNotFound:
            self._drop(model_id)
            raise
        if model.info.problem:
            raise ModelFailed(model_id, model.info.problem)
        if model.info.kind != kind:
            raise _other(model.info, kind)
        return model

    def _opener(self, model: Installed) -> _Model:
        if model.info.kind == "embed" and self._wiring.embedder:
            return EmbedderOnDemand(model, self._wiring.embedder, self._enter)
        if model.info.kind == "rank" and self._wiring.ranker:
            return RankerOnDemand(model, self._wiring.ranker, self._enter)
        if model.info.kind == "generate":
            parked_dir = self._wiring.parked_dir
            return LlamaGenerator(model, self._settings, parked_dir, self._precedence)
        raise ModelFailed(model.info.id, "nothing here runs models of its kind")

    def _enter(self, resident: Resident) -> None:
        with self._lock:
            self._room.enter(resident)

    def _drop(self, model_id: str) -> None:
        """Of a file that is gone."""
        with self._lock:
            _, opened = self._opened.pop(model_id, (None, None))
            if opened:
                self._room.leave(opened)
        if opened:
            opened.close()

    def _kept_bytes(self) -> int:
        sizes = {info.id: info.size_bytes for info in self._catalogue.scan()}
        return sum(sizes.get(model_id, 0) for model_id in self._embedders)

    def _tend(self) -> None:
        for model_id in self._settings.preload:
            if not self._stopping.is_set():
                self._preload(model_id)
        keep_alive_s = self._settings.keep_alive_s
        if not keep_alive_s:
            return
        while not self._stopping.wait(min(keep_alive_s / LOOKS, LONGEST_LOOK_S)):
            with self._lock:
                self._room.sweep(keep_alive_s)

    def _preload(self, model_id: str) -> None:
        try:
            kind = self._catalogue.installed(model_id).info.kind
            if kind == "embed":
                self.embedder(model_id).queries(["Hi"])
            elif kind == "rank":
                self.ranker(model_id).scores("Hi", ["Hi"])
            else:
                asyncio.run(_warm_up(self._writer(model_id)))
        except TrinaxError as exc:
            if not self._stopping.is_set():
                logger.warning("models.preload: %s", exc)
        except Exception:
            logger.exception("models.preload: %r failed", model_id)


async def _warm_up(generator: Generator) -> None:
    async for _ in generator.generate(WARM_UP):  # to its end, so there is nothing to close
        pass


def _other(info: ModelInfo, wanted: ModelKind) -> InvalidRequest:
    message = f"Model {info.id!r} {DOES[info.kind]}, it does not {DO[wanted]}."
    return InvalidRequest(message, "model")
