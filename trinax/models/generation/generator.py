"""A GGUF file as a generator."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import numpy as np

from trinax.errors import (
    ContextLengthExceeded,
    InvalidRequest,
    ModelFailed,
    TimedOut,
    TrinaxError,
)
from trinax.llama.cores import physical_cores
from trinax.models.catalogue.catalogue import Installed
from trinax.models.catalogue.memory import cache, needed_bytes
from trinax.models.generation.job import Ended, Job, Mailbox
from trinax.models.generation.owner import Owner
from trinax.models.generation.precedence import Precedence
from trinax.models.generation.sampling import check, defaults
from trinax.models.ports import (
    NO_TOOLS,
    Generation,
    GenerationEvent,
    Load,
    Message,
    ModelInfo,
    Tools,
)
from trinax.settings import Models

if TYPE_CHECKING:
    from trinax.models.generation.engine import Engine
    from trinax.models.generation.reader import Reader
    from trinax.models.generation.reply import Reply


class LlamaGenerator:
    """Runs one model with llama.cpp. The first use loads it, unload() frees it until the next."""

    def __init__(
        self,
        model: Installed,
        settings: Models,
        parked_dir: Path | None = None,
        precedence: Precedence | None = None,
    ) -> None:
        """parked_dir: where computed prompts outlive the model, None for nowhere. precedence:
        shared by the models of a machine, None for a model that has it for itself."""
        self._parked_dir = parked_dir
        self._precedence = precedence or Precedence()
        self._limit_tokens = context_tokens(model.info, settings)
        self._info = replace(model.info, context_tokens=self._limit_tokens)
        self._model = model
        self._settings = settings
        self._cache = cache(model, self._limit_tokens, settings)
        self._reading = threading.Lock()
        self._reader: Reader | None = None
        self._owning = threading.Lock()
        self._owner: Owner | None = None
        self._closed = False

    @property
    def info(self) -> ModelInfo:
        """context_tokens is what one request can have here, prompt and answer together."""
        return self._info

    def prompt_tokens(self, messages: Sequence[Message], tools: Tools = NO_TOOLS) -> int:
        """The first call reads the vocabulary, which can take a second: call it off the loop."""
        return self._opened().count(messages, tools)

    def ignored(self, generation: Generation) -> tuple[str, ...]:
        """Of a model whose vocabulary is read already, as counting a prompt does."""
        wanted = generation.reasoning not in (None, "none")
        return ("reasoning_effort",) if wanted and not self._opened().reasons else ()

    async def generate(self, generation: Generation) -> AsyncGenerator[GenerationEvent]:
        loop = asyncio.get_running_loop()
        mailbox = Mailbox(loop)
        limit_s = self._limit_s(generation)
        began = loop.time()
        job, replies = await anyio.to_thread.run_sync(self._begun, generation, mailbox)
        owner = self._submit(job)

        def waited() -> None:
            if owner.withdraw(job):
                mailbox.put([owner.busy()])

        # Cheaper than a limit around every token's arrival.
        timers = [loop.call_later(self._settings.wait_limit_s, waited)]
        if limit_s is not None:
            late = TimedOut(self._info.id, limit_s)
            timers.append(loop.call_at(began + limit_s, mailbox.put, [late]))
        try:
            left = len(replies)
            while left:
                event = await mailbox.next()
                if isinstance(event, TrinaxError):
                    raise event
                for shown in replies[event.choice].events(event):
                    yield shown
                left -= isinstance(event, Ended)
        finally:
            for timer in timers:
                timer.cancel()
            owner.cancel(job)

    def load(self) -> Load:
        with self._owning:
            owner = self._owner
        return owner.load() if owner else Load(self._info.id, 0, 0, self._settings.slots, 0.0)

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
    def memory_bytes(self) -> int:
        """Weights and cache while it is loaded, about."""
        return needed_bytes(self._model, self._limit_tokens, self._settings)

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

    def _limit_s(self, generation: Generation) -> float | None:
        limits = (generation.turn.limit_s, self._settings.answer_limit_s or None)
        return min([limit for limit in limits if limit is not None], default=None)

    def _begun(self, generation: Generation, mailbox: Mailbox) -> tuple[Job, "list[Reply]"]:
        """Tokenised and checked; raises ContextLengthExceeded, InvalidRequest, ModelFailed."""
        from trinax.models.generation.reply import Reply

        sampling = generation.sampling
        reader = self._opened()
        check(sampling, reader.vocabulary.size)
        read = reader.read(generation)
        if not read.prompt:
            raise InvalidRequest("The prompt is empty, so there is nothing to continue.", "prompt")
        room = self._limit_tokens - len(read.prompt)
        if room <= 0:
            raise ContextLengthExceeded(self._info.id, len(read.prompt), self._limit_tokens - 1)
        wanted = self._settings.max_tokens if sampling.max_tokens is None else sampling.max_tokens
        job = Job(
            prompt=np.array(read.prompt, np.int32),
            sampling=sampling,
            stop=(*sampling.stop, *read.stop),
            # SentencePiece vocabularies begin every text with a space.
            lead="" if generation.infilling else " ",
            limit_tokens=min(wanted, room),
            mailbox=mailbox,
            turn=generation.turn,
            spelled=read.spelled,
            constraint=read.constraint,
        )
        opening = read.opening
        replies = [
            Reply(
                choice,
                len(read.prompt),
                None if opening is None else reader.parser(generation.tools, opening),
            )
            for choice in range(sampling.n)
        ]
        return job, replies

    def _opened(self) -> "Reader":
        from trinax.models.generation.reader import Reader

        with self._reading:
            if self._closed:
                raise ModelFailed(self._info.id, "it was stopped")
            self._reader = self._reader or Reader(self._model)
            return self._reader

    def _submit(self, job: Job) -> Owner:
        with self._owning:
            if self._closed:
                raise ModelFailed(self._info.id, "it was stopped")
            if not self._owner:
                slots, queue = self._settings.slots, self._settings.queue
                self._owner = Owner(self._info.id, self._load, slots, queue, self._precedence)
            self._owner.submit(job)
            return self._owner

    def _load(self) -> "Engine":
        # llama_cpp takes 0.8 s to import, which who runs no GGUF need not wait for.
        from trinax.llama.context import Context, Size
        from trinax.llama.vocabulary import Vocabulary
        from trinax.llama.weights import Weights
        from trinax.models.generation.engine import Engine
        from trinax.models.generation.parking import parking

        weights = Weights(self._info.id, self._model.path, self._settings.gpu_layers)
        try:
            context = Context(
                weights,
                Size(
                    tokens=self._cache.live_tokens,
                    sequences=self._settings.slots,
                    separate=self._cache.separate,
                    threads=self._settings.threads or physical_cores(),
                ),
            )
        except ModelFailed:
            weights.close()
            raise
        return Engine(
            weights,
            context,
            Vocabulary(weights),
            defaults(self._model.metadata),
            self._cache.kept_tokens,
            parking(self._parked_dir, self._model) if self._parked_dir else None,
        )


def context_tokens(info: ModelInfo, settings: Models) -> int:
    """What one request can have: the setting, or the model's own limit if that is less."""
    return min(settings.context_tokens, info.context_tokens or settings.context_tokens)
