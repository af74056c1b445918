"""python -m trinax.evaluation.metronome FOLDER: a server whose model takes no time.

Prints one line of JSON, its port and what a token costs without the web, and serves until its
standard input ends.
"""

import asyncio
import json
import socket
import sys
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio.lowlevel
import uvicorn
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from trinax.answering.chat import Chat
from trinax.app import open_parts, surfaces
from trinax.evaluation.serving import HOST
from trinax.models.catalogue.catalogue import Catalogue
from trinax.models.pool import Pool
from trinax.models.ports import (
    NO_TOOLS,
    Finish,
    Generation,
    GenerationEvent,
    Load,
    Message,
    ModelInfo,
    Piece,
    Sampling,
    Tools,
)
from trinax.settings import Settings
from trinax.web.connection import Configuration
from trinax.web.routes import routes
from trinax.web.server import server

MODEL = "metronome"
TICK = " tick"
BARE = "/bare"
# A frame as most servers send it.
FRAME = (
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"metronome",'
    b'"choices":[{"index":0,"delta":{"content":" tick"},"finish_reason":null}]}\n\n'
)


class Metronome:
    """Writes as many tokens as it is asked for, each when the last was taken."""

    info = ModelInfo(MODEL, "generate", roles=("general",))

    def prompt_tokens(self, messages: Sequence[Message], tools: Tools = NO_TOOLS) -> int:
        return len(messages)

    def ignored(self, generation: Generation) -> tuple[str, ...]:
        return ()

    async def generate(self, generation: Generation) -> AsyncGenerator[GenerationEvent]:
        tokens = generation.sampling.max_tokens or 1
        for _ in range(tokens):
            yield Piece(TICK)
            await anyio.lowlevel.checkpoint()
        yield Finish("length", len(generation.messages), tokens)

    def load(self) -> Load:
        return Load(MODEL, running=0, waiting=0, capacity=1, wait_s=0.0)

    def close(self) -> None:
        """Nothing is held."""


def alone_us(streams: int, tokens: int) -> float:
    """Microseconds of computing for each token of so many streams that nobody is shown."""

    async def read() -> None:
        asked = Generation((), "", sampling=Sampling(max_tokens=tokens))
        async for _ in Metronome().generate(asked):  # to its end, so there is nothing to close
            pass

    async def all_streams() -> None:
        await asyncio.gather(*(read() for _ in range(streams)))

    start = time.process_time()
    asyncio.run(all_streams())
    return 1e6 * (time.process_time() - start) / (streams * tokens)


async def bare(request: Request) -> Response:
    """As many frames as are asked for, as Starlette sends them and ready to be sent."""

    async def frames() -> AsyncGenerator[bytes]:
        for _ in range(int(request.query_params["tokens"])):
            yield FRAME
            await anyio.lowlevel.checkpoint()

    return StreamingResponse(frames(), media_type="text/event-stream")


def serve(folder: Path, streams: int, tokens: int) -> None:
    (folder / "collections").mkdir()
    settings = Settings(base=folder)

    @asynccontextmanager
    async def running() -> AsyncIterator[list[BaseRoute]]:
        async with open_parts(settings) as parts:
            pool = Pool(Catalogue(settings.models_dir), settings.models, [Metronome()])
            chat = Chat(parts.reach, pool, settings, parts.ingest.unfinished)
            parts = replace(parts, pool=pool, chat=chat)
            own = routes(surfaces(parts), settings.server.body_limit_bytes)
            yield [*own, Route(BARE, bare, methods=["POST"])]

    serving = uvicorn.Server(Configuration(server(settings, running), settings))

    def stop() -> None:
        sys.stdin.read()
        serving.should_exit = True

    threading.Thread(target=stop, daemon=True).start()
    with socket.create_server((HOST, 0)) as listener:
        told = {"port": listener.getsockname()[1], "alone_us": alone_us(streams, tokens)}
        print(json.dumps(told), flush=True)
        serving.run(sockets=[listener])


if __name__ == "__main__":
    serve(Path(sys.argv[1]), *map(int, sys.argv[2:4]))
