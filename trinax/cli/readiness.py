"""`trinax ready`: whether the server on a data folder answers questions, for health checks."""

from typing import Any

import anyio

from trinax.cli.client import OK, status
from trinax.cli.running import read
from trinax.settings import Settings

LOOK_AGAIN_S = 0.2


def readiness(settings: Settings, wait_s: float) -> dict[str, Any]:
    """ready, url ("" where no server is known) and reason. wait_s: asked again for so long."""
    return anyio.run(_readiness, settings, wait_s)


async def _readiness(settings: Settings, wait_s: float) -> dict[str, Any]:
    ends_s = anyio.current_time() + wait_s
    while True:
        found = await _asked(settings)
        if found["ready"] or anyio.current_time() >= ends_s:
            return found
        await anyio.sleep(LOOK_AGAIN_S)


async def _asked(settings: Settings) -> dict[str, Any]:
    running = read(settings.data_dir)
    if running is None:
        return _found("", f"No server runs on {settings.data_dir}.")
    answer = await status(running, settings, "/ready")
    if answer == OK:
        return _found(running.url, "")
    said = f"is not ready (status {answer})" if answer else "does not answer"
    return _found(running.url, f"{running.url} {said}.")


def _found(url: str, reason: str) -> dict[str, Any]:
    return {"ready": not reason, "url": url, "reason": reason}
