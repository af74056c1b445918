"""What every Python reader does with the cases: read all at once, print what was heard."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

AT_ONCE = 8
Heard = dict[str, Any]
Read = Callable[[str, Mapping[str, Any], bool], Heard]
ReadAsync = Callable[[str, Mapping[str, Any], bool], Awaitable[Heard]]


def replay(read: Read) -> None:
    """read: (address, case, streamed) → what was heard of it."""
    told = json.load(sys.stdin)
    jobs = [(case, streamed) for case in told["cases"] for streamed in (True, False)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        heard = pool.map(lambda job: read(told["url"], *job), jobs)
        json.dump(named(jobs, list(heard)), sys.stdout)


def replay_async(read: ReadAsync) -> None:
    told = json.load(sys.stdin)
    jobs = [(case, streamed) for case in told["cases"] for streamed in (True, False)]

    async def all_of_them() -> list[Heard]:
        places = asyncio.Semaphore(AT_ONCE)

        async def one(case: Mapping[str, Any], streamed: bool) -> Heard:
            async with places:
                return await read(told["url"], case, streamed)

        return await asyncio.gather(*(one(*job) for job in jobs))

    json.dump(named(jobs, asyncio.run(all_of_them())), sys.stdout)


def named(jobs: list[tuple[Mapping[str, Any], bool]], heard: list[Heard]) -> dict[str, Heard]:
    names = [f"{case['name']}/{'stream' if streamed else 'whole'}" for case, streamed in jobs]
    return dict(zip(names, heard, strict=True))


def call(name: str, arguments: str | Mapping[str, Any]) -> dict[str, Any]:
    parsed = json.loads(arguments) if isinstance(arguments, str) else dict(arguments)
    return {"name": name, "arguments": parsed}


def failure(kind: BaseException, status: int | None, message: str, **more: Any) -> dict[str, Any]:
    """status: 0 where the client knows of none."""
    return {"class": type(kind).__name__, "status": status or 0, "message": message, **more}
