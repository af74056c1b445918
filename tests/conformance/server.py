"""The whole application on a socket, with the players of the cases and tiny real models.

    python -m tests.conformance.server FOLDER CLIENT_LIMIT_S

prints its address and serves until its standard input is closed.
"""

import asyncio
import os
import resource
import socket
import sys
import threading
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import anyio
import uvicorn
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.answering.writers import Parrot
from tests.conformance.cases import CASES, CENSUS, ENDLESS, FLOOD, LONG, SILENT, STOP, Case, Pause
from tests.gguf_files import ENDLESS as ENDLESS_SCRIPT
from tests.gguf_files import tiny_llama
from tests.web.conftest import application, folders
from trinax.errors import TrinaxError
from trinax.models.ports import Generation, GenerationEvent, Load, Piece
from trinax.web.connection import Configuration

MAXRSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024


class Player(Parrot):
    """Plays a list of events for every request, and counts who is being answered."""

    def __init__(self, name: str, events: Sequence[GenerationEvent | Pause | TrinaxError]) -> None:
        super().__init__("", name)
        self._events = events
        self._running = 0

    async def generate(self, generation: Generation) -> AsyncGenerator[GenerationEvent]:
        self._running += 1
        try:
            async for event in self._played():
                yield event
        finally:
            self._running -= 1

    async def _played(self) -> AsyncGenerator[GenerationEvent]:
        for event in self._events:
            if isinstance(event, TrinaxError):
                raise event
            if isinstance(event, Pause):
                await anyio.sleep(event.seconds)
            else:
                yield event

    def load(self) -> Load:
        return Load(self.info.id, running=self._running, waiting=0, capacity=64, wait_s=0.0)


class Endless(Player):
    """Never stops by itself."""

    async def _played(self) -> AsyncGenerator[GenerationEvent]:
        while True:
            yield Piece("on and ")
            await anyio.sleep(0.001)


class Flood(Player):
    """Never stops, and says much at once."""

    async def _played(self) -> AsyncGenerator[GenerationEvent]:
        while True:
            yield Piece("on and on.\n" * 2000)
            await anyio.lowlevel.checkpoint()


class Silent(Player):
    """Never says anything."""

    async def _played(self) -> AsyncGenerator[GenerationEvent]:
        await anyio.sleep_forever()
        yield Piece("")


@dataclass(frozen=True, slots=True)
class Counted:
    """An application that also says what its process holds."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = JSONResponse(census()) if scope.get("path") == CENSUS else self.app
        await answer(scope, receive, send)


def census() -> dict[str, int]:
    return {
        "tasks": len(asyncio.all_tasks()),
        "threads": threading.active_count(),
        "files": len(os.listdir("/dev/fd")),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MAXRSS_UNIT_BYTES,
    }


def player(case: Case) -> Player:
    return Player(case.name, case.events)


def serve(folder: Path, client_limit_s: float) -> None:
    settings = folders(folder)
    settings = replace(settings, server=replace(settings.server, client_limit_s=client_limit_s))
    settings.models_dir.mkdir(parents=True)
    tiny_llama(settings.models_dir / "tiny.gguf", context_tokens=8192)
    tiny_llama(settings.models_dir / "tiny-endless.gguf", ENDLESS_SCRIPT, context_tokens=8192)
    own = [player(case) for case in CASES if not case.model and case.name != "no-such-model"]
    long = Player(LONG, (Piece("on and " * 3_000_000), STOP))
    own += [long, Endless(ENDLESS, ()), Flood(FLOOD, ()), Silent(SILENT, ())]
    app = application(settings, *own)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(Configuration(Counted(app), settings))

        def stop() -> None:
            sys.stdin.read()
            server.should_exit = True

        threading.Thread(target=stop, daemon=True).start()
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        server.run(sockets=[listener])


if __name__ == "__main__":
    serve(Path(sys.argv[1]), float(sys.argv[2]))
