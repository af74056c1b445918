"""Text that a model continues, or fills in, as it is: no chat template, no documents."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import anyio.to_thread

from trinax.answering.routing.route import AUTO, check_paid, writer
from trinax.answering.streams import merged
from trinax.errors import (
    ContextLengthExceeded,
    InvalidRequest,
    NoGenerativeModel,
    UnsupportedParameter,
)
from trinax.models.pool import Pool
from trinax.models.ports import (
    Finish,
    Generation,
    Generator,
    Infilling,
    JsonFormat,
    ModelInfo,
    Piece,
    Sampling,
    Turn,
)
from trinax.settings import Settings

# Written at once for one request; the rest wait, so that they do not fill a model's queue.
TOGETHER = 8


@dataclass(frozen=True, slots=True)
class Draft:
    """prompts: at least one; all have a suffix or none. model: an id or "auto". The rest: see
    Generation."""

    prompts: tuple[Infilling, ...]
    model: str = AUTO
    sampling: Sampling = Sampling()
    turn: Turn = Turn()
    format: JsonFormat | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """The first event. ignored: parameters that have no effect on the chosen model."""

    model: str
    ignored: tuple[str, ...] = ()


DraftEvent = Begun | Piece | Finish


class Completing:
    """Callable from any task; holds no state between requests."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self._pool = pool
        self._settings = settings

    def within(self, models: frozenset[str] | None) -> "Completing":
        """One that writes with these models only; None for all."""
        return Completing(self._pool.within(models), self._settings)

    async def write(self, draft: Draft) -> AsyncGenerator[DraftEvent]:
        """Begun, then what the model writes; choices are counted on from prompt to prompt. Closing
        the iterator stops the model.

        Raises ModelNotFound, NoGenerativeModel and UnsupportedParameter before Begun,
        ContextLengthExceeded and what the engines raise after it.
        """
        generator = await anyio.to_thread.run_sync(self._generator, draft)
        generations = [
            Generation(
                (),
                "",
                sampling=draft.sampling,
                format=draft.format,
                infilling=prompt,
                turn=draft.turn,
            )
            for prompt in draft.prompts
        ]
        yield Begun(generator.info.id, generator.ignored(generations[0]))
        written = [
            _written(generator, generation, number * draft.sampling.n)
            for number, generation in enumerate(generations)
        ]
        async with aclosing(merged(written, TOGETHER)) as events:
            async for event in events:
                yield event

    def _generator(self, draft: Draft) -> Generator:
        """May block for the moment that another model needs to leave memory."""
        infos = self._pool.candidates(draft.model)
        filling = draft.prompts[0].suffix not in (None, "")
        usable = [i for i in infos if i.kind == "generate" and not i.problem and i.fits]
        usable = [info for info in usable if draft.turn.paid or not info.paid]
        if draft.model != AUTO:
            check_paid(draft.model, draft.turn, infos)
            self._pool.check(draft.model, draft.model)
            self._check(draft.model, filling, infos, bool(usable))
            return self._pool.get(draft.model)
        if not usable:
            raise NoGenerativeModel
        able = list(filter(_may_fill_in, usable)) if filling else usable
        chosen = writer("code" if filling else "general", able, self._settings.router)
        if chosen is None:
            raise _cannot_fill_in("no model here has", infos)
        return self._pool.get(chosen.id)

    def _check(
        self, model: str, filling: bool, infos: Sequence[ModelInfo], others_write: bool
    ) -> None:
        """What the pool does not see."""
        named = next((info for info in infos if info.id == model), None)
        if named and named.kind == "extract":
            if not others_write:
                raise NoGenerativeModel
            raise InvalidRequest(
                f"Model {model!r} quotes documents, it continues no text.", "model"
            )
        if filling and named and named.kind == "generate" and not _may_fill_in(named):
            raise _cannot_fill_in(f"{model!r} has", infos)


async def _written(
    generator: Generator, generation: Generation, first: int
) -> AsyncGenerator[Piece | Finish]:
    """first: the number of its first choice."""
    events: Any = generator.generate(generation)
    try:
        async with aclosing(events):
            async for event in events:
                yield replace(event, choice=first + event.choice) if first else event
    except ContextLengthExceeded as exc:
        exc.param = "prompt"
        raise


def _may_fill_in(info: ModelInfo) -> bool:
    # What runs elsewhere does not say; it refuses by itself.
    return info.fills_in or info.source != "file"


def _cannot_fill_in(who: str, infos: Sequence[ModelInfo]) -> UnsupportedParameter:
    able = [repr(info.id) for info in infos if info.fills_in and not info.problem]
    others = f"; {', '.join(able)} can" if able else ""
    return UnsupportedParameter("suffix", f"{who} no tokens for filling in{others}")
