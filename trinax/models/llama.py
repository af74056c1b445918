"""A GGUF file as a generator."""

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from trinax.errors import ContextLengthExceeded, ModelFailed, TrinaxError
from trinax.models.catalogue import Installed
from trinax.models.lane import Event, Job
from trinax.models.openmp import wait_asleep
from trinax.models.owner import Owner
from trinax.models.ports import Finish, Generation, Message, ModelInfo, Piece, Sampling
from trinax.models.prompt import prompt_tokens
from trinax.models.sampling import check, defaults
from trinax.models.templates import ChatTemplate
from trinax.settings import Models

if TYPE_CHECKING:
    from trinax.models.writer import Writer

SIBLINGS = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"


class LlamaGenerator:
    """Runs one model with llama.cpp. The first use loads it, unload() frees it until the next."""

    def __init__(self, model: Installed, settings: Models) -> None:
        wait_asleep()
        self._limit_tokens = context_tokens(model.info, settings)
        self._info = replace(model.info, context_tokens=self._limit_tokens)
        self._model = model
        self._settings = settings
        self._reading = threading.Lock()
        self._reader: _Reader | None = None
        self._owning = threading.Lock()
        self._owner: Owner | None = None
        self._closed = False

    @property
    def info(self) -> ModelInfo:
        """context_tokens is what one request can have here, prompt and answer together."""
        return self._info

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """The first call reads the vocabulary, which can take a second: call it off the loop."""
        with self._reading:
            return len(self._opened().tokens(messages))

    def ignored(self, sampling: Sampling) -> tuple[str, ...]:
        return ()

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece | Finish]:
        loop = asyncio.get_running_loop()
        events: asyncio.Queue[Event] = asyncio.Queue()

        def emit(event: Event) -> None:
            try:
                loop.call_soon_threadsafe(events.put_nowait, event)
            except RuntimeError:  # the loop has ended, and with it who waited
                job.cancelled = True

        job = await anyio.to_thread.run_sync(self._job, generation, emit)
        owner = self._submit(job)
        try:
            event = await self._first(owner, job, events)
            left = job.sampling.n
            while not isinstance(event, TrinaxError):
                yield event
                left -= isinstance(event, Finish)
                if not left:
                    return
                event = await events.get()
            raise event
        finally:
            owner.cancel(job)

    def unload(self) -> bool:
        """Free the weights if nothing is written or waits; False if something does."""
        with self._owning:
            if self._owner and not self._owner.idle:
                return False
            owner, self._owner = self._owner, None
            if owner:
                owner.stop()
            return True

    @property
    def loaded(self) -> bool:
        with self._owning:
            return self._owner is not None

    def close(self) -> None:
        """End what is being written, free everything; safe to call twice."""
        with self._owning:
            self._closed = True
            owner, self._owner = self._owner, None
        if owner:
            owner.stop()
        with self._reading:
            reader, self._reader = self._reader, None
            if reader:
                reader.close()

    def _job(self, generation: Generation, emit: Callable[[Event], None]) -> Job:
        """Tokenised and checked; raises ContextLengthExceeded, InvalidRequest, ModelFailed."""
        sampling = generation.sampling
        with self._reading:
            reader = self._opened()
            prompt = reader.tokens(generation.messages)
            check(sampling, reader.vocabulary.size)
        room = self._limit_tokens - len(prompt)
        if room <= 0:
            raise ContextLengthExceeded(self._info.id, len(prompt), self._limit_tokens - 1)
        wanted = self._settings.max_tokens if sampling.max_tokens is None else sampling.max_tokens
        return Job(
            prompt=prompt,
            sampling=sampling,
            stop=(*sampling.stop, *reader.template.stop),
            lead=" ",  # SentencePiece vocabularies begin every text with a space
            limit_tokens=min(wanted, room),
            emit=emit,
        )

    def _opened(self) -> "_Reader":
        if self._closed:
            raise ModelFailed(self._info.id, "it was stopped")
        self._reader = self._reader or _Reader(self._model)
        return self._reader

    def _submit(self, job: Job) -> Owner:
        with self._owning:
            if self._closed:
                raise ModelFailed(self._info.id, "it was stopped")
            if not self._owner:
                self._owner = Owner(self._info.id, self._load, self._settings.queue)
            self._owner.submit(job)
            return self._owner

    async def _first(self, owner: Owner, job: Job, events: asyncio.Queue[Event]) -> Event:
        with anyio.move_on_after(self._settings.wait_limit_s):
            return await events.get()
        if owner.withdraw(job):
            raise owner.busy()
        return await events.get()

    def _load(self) -> "Writer":
        # llama_cpp takes 0.8 s to import, which who runs no GGUF need not wait for.
        from trinax.models.llama_model import Context, Weights
        from trinax.models.writer import Writer

        weights = Weights(self._info.id, self._model.path, self._settings.gpu_layers)
        try:
            context = Context(weights, self._limit_tokens, self._settings.threads or _cores())
        except ModelFailed:
            weights.close()
            raise
        return Writer(weights, context, defaults(self._model.metadata))


class _Reader:
    """A model's vocabulary and chat template, without its weights."""

    def __init__(self, model: Installed) -> None:
        from trinax.models.llama_model import Vocabulary, Weights

        self._weights = Weights(model.info.id, model.path, vocabulary_only=True)
        self.vocabulary = Vocabulary(self._weights)
        source = str(model.metadata.get("tokenizer.chat_template", ""))
        self.template = ChatTemplate(source, self.vocabulary.bos, self.vocabulary.eos)

    def tokens(self, messages: Sequence[Message]) -> list[int]:
        return prompt_tokens(self.template.spans(messages), self.vocabulary)

    def close(self) -> None:
        self._weights.close()


def context_tokens(info: ModelInfo, settings: Models) -> int:
    """What one request can have: the setting, or the model's own limit if that is less."""
    return min(settings.context_tokens, info.context_tokens or settings.context_tokens)


def _cores() -> int:
    """Physical cores that this process may use; two threads on one core slow each other down."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    usable = os.sched_getaffinity(0)
    try:
        return len({Path(SIBLINGS.format(cpu)).read_text() for cpu in usable})
    except OSError:
        return len(usable)
