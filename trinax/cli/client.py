"""The commands' HTTP client: to the server that runs on the data folder, else to one of our own."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from trinax.access.admin_token import admin_token
from trinax.cli.advice import Declined
from trinax.cli.running import Refused, Running, read
from trinax.cli.trust import trusted
from trinax.settings import Settings

# A model may think for minutes before it says anything; only connecting has a limit.
TIMEOUT = httpx.Timeout(None, connect=5)
GREETING_TIMEOUT_S = 5
OK = 200


class Client:
    """JSON in, JSON out. Raises Refused with the server's own words.

    own: True if the server lives in this process and has only just begun to look at the folders.
    """

    def __init__(self, http: httpx.AsyncClient, own: bool) -> None:
        self._http = http
        self.own = own

    async def get(self, path: str, /, **query: str | int) -> Any:
        return await self._json("GET", path, params=query)

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return await self._json("POST", path, json=body or {})

    async def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        return await self._json("PATCH", path, json=body)

    async def delete(self, path: str) -> Any:
        return await self._json("DELETE", path)

    async def send(self, path: str, content: AsyncIterator[bytes], media_type: str) -> Any:
        """A body of many bytes."""
        headers = {"content-type": media_type}
        return await self._json("POST", path, content=content, headers=headers)

    async def bytes(self, path: str) -> AsyncGenerator[bytes, None]:
        """The parts of an answer of many bytes."""
        try:
            async with self._http.stream("GET", path) as response:
                if response.is_error:
                    await response.aread()
                    raise _refusal(response)
                async for part in response.aiter_bytes():
                    yield part
        except httpx.HTTPError as exc:
            raise _gone(self._http, exc) from exc

    async def stream(
        self, path: str, body: Mapping[str, Any]
    ) -> AsyncGenerator[dict[str, Any], None]:
        """The objects of a server-sent stream up to [DONE]."""
        try:
            async with self._http.stream("POST", path, json=body) as response:
                if response.is_error:
                    await response.aread()
                    raise _refusal(response)
                async for line in response.aiter_lines():
                    if line.startswith("data: ") and line != "data: [DONE]":
                        yield _frame(line)
        except httpx.HTTPError as exc:
            raise _gone(self._http, exc) from exc

    async def _json(self, method: str, path: str, **request: Any) -> Any:
        try:
            response = await self._http.request(method, path, **request)
        except httpx.HTTPError as exc:
            raise _gone(self._http, exc) from exc
        if response.is_error:
            raise _refusal(response)
        return response.json()


@asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[Client]:
    """A client of the server on this data folder; without one, of one that lasts as long.

    Raises StoreLocked where another process holds the folder and does not answer.
    """
    running = await answering(settings)
    if running is not None:
        async with _http(running.url, settings) as http:
            yield Client(http, own=False)
        return
    from trinax.cli.serving import hosted  # the whole server, which a remote one makes needless

    async with hosted(settings) as url, _http(url, settings) as http:
        yield Client(http, own=True)


async def answering(settings: Settings) -> Running | None:
    """The server that runs on this data folder, if it answers."""
    running = read(settings.data_dir)
    if running is None:
        return None
    return running if await status(running, settings, "/health") == OK else None


async def status(running: Running, settings: Settings, path: str) -> int:
    """Of a GET that is answered soon; 0 where nothing answers."""
    try:
        async with _http(running.url, settings) as http:
            return (await http.get(path, timeout=GREETING_TIMEOUT_S)).status_code
    except (httpx.HTTPError, httpx.InvalidURL):
        return 0


def _http(url: str, settings: Settings) -> httpx.AsyncClient:
    token = admin_token(settings)
    headers = {"X-Admin-Token": token} if token else {}
    # A proxy of the environment is for the world outside.
    return httpx.AsyncClient(
        base_url=url,
        headers=headers,
        timeout=TIMEOUT,
        trust_env=False,
        verify=trusted(settings),
    )


def _frame(line: str) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(line.removeprefix("data: "))
    if "error" in frame:
        raise Declined(frame["error"]["message"], frame["error"]["code"] or "")
    return frame


def _refusal(response: httpx.Response) -> Refused:
    try:
        error = response.json()["error"]
        return Declined(error["message"], error["code"] or "")
    except (ValueError, KeyError, TypeError):
        return Refused(f"{response.url} answered {response.status_code} {response.reason_phrase}.")


def _gone(http: httpx.AsyncClient, exc: httpx.HTTPError) -> Refused:
    return Refused(f"The server at {http.base_url} stopped answering ({exc}); start it again.")
