"""Every model by its id, and which of them are in memory."""

import threading
from collections.abc import Sequence
from dataclasses import replace

from trinax.errors import InvalidRequest, ModelFailed, ModelNotFound
from trinax.models.catalogue import Catalogue, Installed
from trinax.models.llama import LlamaGenerator, context_tokens
from trinax.models.ports import Generator, ModelInfo
from trinax.settings import Models

LOADED_LIMIT = 1  # GGUF models in memory while none of the others is busy


class Pool:
    """The installed models and the built-in ones. Thread-safe.

    A model loads at its first request. Asking for another frees those that were used least
    recently and are idle; they load again when asked, so a generator once given stays usable.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        settings: Models,
        builtin: Sequence[Generator] = (),
        listed: Sequence[ModelInfo] = (),
    ) -> None:
        """listed: models that run elsewhere, for infos() only."""
        self._catalogue = catalogue
        self._settings = settings
        self._builtin = {generator.info.id: generator for generator in builtin}
        self._listed = tuple(listed)
        self._lock = threading.Lock()
        self._opened: dict[str, tuple[Installed, LlamaGenerator]] = {}  # last used last
        self._closed = False

    def infos(self) -> list[ModelInfo]:
        """Installed models by id, then the built-in ones; never waits for a running model."""
        installed = [
            replace(info, context_tokens=context_tokens(info, self._settings))
            if info.kind == "generate"
            else info
            for info in self._catalogue.scan()
        ]
        return [
            *installed,
            *(generator.info for generator in self._builtin.values()),
            *self._listed,
        ]

    def get(self, model_id: str) -> Generator:
        """May block for the moment that another model needs to leave memory.

        Raises ModelNotFound, ModelFailed for a file with a problem, InvalidRequest for a model
        that does not write.
        """
        if model_id in self._builtin:
            return self._builtin[model_id]
        if any(info.id == model_id for info in self._listed):
            raise _does_not_write(model_id)
        with self._lock:
            if self._closed:
                raise ModelFailed(model_id, "the server is stopping")
            generator = self._current(model_id)
            self._make_room()
            return generator

    def close(self) -> None:
        """End everything that is being written and free every model."""
        with self._lock:
            self._closed = True
            opened, self._opened = self._opened, {}
        for generator in [*(g for _, g in opened.values()), *self._builtin.values()]:
            generator.close()

    def _current(self, model_id: str) -> LlamaGenerator:
        before = self._opened.pop(model_id, None)
        try:
            model = self._catalogue.installed(model_id)
            if before and before[0].parts == model.parts:
                self._opened[model_id] = before
                return before[1]
        except ModelNotFound:
            if before:
                before[1].close()
            raise
        if before:
            before[1].close()
        if model.info.problem:
            raise ModelFailed(model_id, model.info.problem)
        if model.info.kind != "generate":
            raise _does_not_write(model_id)
        generator = LlamaGenerator(model, self._settings)
        self._opened[model_id] = (model, generator)
        return generator

    def _make_room(self) -> None:
        """Free what is over the limit, counting the last one as loaded."""
        *others, _ = self._opened.values()
        loaded = [generator for _, generator in others if generator.loaded]
        for generator in loaded[: max(0, len(loaded) + 1 - LOADED_LIMIT)]:
            generator.unload()


def _does_not_write(model_id: str) -> InvalidRequest:
    return InvalidRequest(f"Model {model_id!r} embeds, it does not write.", "model")
