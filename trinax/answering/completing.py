"""Text that a model continues, or fills in, as it is: no chat template, no documents."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import anyio.to_thread

from trinax.answering.routing.route import AUTO, writer
from trinax.errors import ContextLengthExceeded, NoGenerativeModel, UnsupportedParameter
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


@dataclass(frozen=True, slots=True)
class Draft:
    """model: an id or "auto". The rest: see Generation."""

    prompt: Infilling
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

    async def write(self, draft: Draft) -> AsyncGenerator[DraftEvent]:
        """Begun, then what the model writes. Closing the iterator stops the model.

        Raises ModelNotFound, NoGenerativeModel and UnsupportedParameter before Begun,
        ContextLengthExceeded and what the engines raise after it.
        """
        generator = await anyio.to_thread.run_sync(self._generator, draft)
        generation = Generation(
            (),
            "",
            sampling=draft.sampling,
            format=draft.format,
            infilling=draft.prompt,
            turn=draft.turn,
        )
        yield Begun(generator.info.id, generator.ignored(generation))
        events: Any = generator.generate(generation)
        try:
            async with aclosing(events):
                async for event in events:
                    yield event
        except ContextLengthExceeded as exc:
            exc.param = "prompt"
            raise

    def _generator(self, draft: Draft) -> Generator:
        """May block for the moment that another model needs to leave memory."""
        infos = self._pool.infos()
        filling = draft.prompt.suffix not in (None, "")
        if draft.model != AUTO:
            named = next((info for info in infos if info.id == draft.model), None)
            if filling and named and named.kind == "generate" and not _may_fill_in(named):
                raise _cannot_fill_in(f"{named.id!r} has", infos)
            return self._pool.get(draft.model)
        usable = [i for i in infos if i.kind == "generate" and not i.problem and i.fits]
        if not usable:
            raise NoGenerativeModel
        able = list(filter(_may_fill_in, usable)) if filling else usable
        chosen = writer("code" if filling else "general", able, self._settings.router)
        if chosen is None:
            raise _cannot_fill_in("no model here has", infos)
        return self._pool.get(chosen.id)


def _may_fill_in(info: ModelInfo) -> bool:
    # What runs elsewhere does not say; it refuses by itself.
    return info.fills_in or info.source != "file"


def _cannot_fill_in(who: str, infos: Sequence[ModelInfo]) -> UnsupportedParameter:
    able = [repr(info.id) for info in infos if info.fills_in and not info.problem]
    others = f"; {', '.join(able)} can" if able else ""
    return UnsupportedParameter("suffix", f"{who} no tokens for filling in{others}")
