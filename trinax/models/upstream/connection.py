"""HTTP to an upstream: JSON goes out, the data of server-sent events comes back."""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncGenerator, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import aclosing, contextmanager, suppress
from typing import Any

import anyio
import httpx
from httpx_sse import EventSource, SSEError

from trinax.errors import UpstreamFailed
from trinax.models.upstream.failures import Passing, Refused, refusal
from trinax.settings import Upstream

logger = logging.getLogger(__name__)

CONNECT_LIMIT_S = 10.0  # a server that is there accepts within that, however long it then thinks
IDLE_LIMIT_S = 30.0  # an unused connection is kept so long, which saves TLS its two round trips
DRAIN_LIMIT_S = 0.1
CLOSE_LIMIT_S = 5.0
ERROR_LIMIT_BYTES = 65_536
LIST_LIMIT_BYTES = 8_000_000  # of a broker's models
DONE = "[DONE]"


class Connection:
    """The way to one upstream, for all its models.

    Sockets belong to the event loop that opened them: each loop that asks has its own client.
    """

    def __init__(self, name: str, settings: Upstream, key: str) -> None:
        self._name = name
        self._url = settings.url.rstrip("/")
        self._silence_s = settings.timeout_s
        self._key = key
        self._trusted = _trusted(settings.url)
        self._lock = threading.Lock()
        self._clients: dict[asyncio.AbstractEventLoop, httpx.AsyncClient] = {}
        self._closed = False

    async def events(self, path: str, body: Mapping[str, Any]) -> AsyncGenerator[str]:
        """The data of each event, "[DONE]" included where it comes; nothing follows it.

        Closing the iterator closes the HTTP stream. Raises Refused for an HTTP error, Passing for
        a broken connection, UpstreamFailed for silence and for what is no stream of events.
        """
        # Half of a surrogate pair, which JSON can hold, has no UTF-8; in ASCII it is escaped.
        content = json.dumps(body).encode("ascii")
        with self._translated():
            sent = self._client().stream("POST", f"{self._url}{path}", content=content)
            async with sent as response:
                if not response.is_success:
                    raise Refused(
                        refusal(
                            response.status_code,
                            await self._beginning(response),
                            response.headers.get("retry-after", ""),
                        )
                    )
                async with aclosing(EventSource(response).aiter_sse()) as events:
                    async for event in events:
                        yield self._cleared(event.data)
                        if event.data.startswith(DONE):
                            await _drain(events)
                            return

    async def models(self) -> list[str]:
        """What it says that it has. Raises as events()."""
        with self._translated():
            async with self._client().stream("GET", f"{self._url}/models") as response:
                beginning = await self._beginning(response, LIST_LIMIT_BYTES)
        if not response.is_success:
            raise Refused(refusal(response.status_code, beginning))
        try:
            return [str(row["id"]) for row in json.loads(beginning)["data"]]
        except (ValueError, TypeError, LookupError) as exc:
            reason = "it did not answer with a list of models; see the end of its url"
            raise UpstreamFailed(self._name, reason) from exc

    def close(self) -> None:
        """End what is being read. Waits for it, but not on the loop that would have to do it."""
        with self._lock:
            self._closed = True
            clients, self._clients = self._clients, {}
        for loop, client in clients.items():
            if not loop.is_running():
                continue
            closing = asyncio.run_coroutine_threadsafe(client.aclose(), loop)
            if loop is not _running():
                # A loop that ends meanwhile cancels what it had to do.
                with suppress(TimeoutError, CancelledError):
                    closing.result(CLOSE_LIMIT_S)

    def _client(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._closed:
                raise UpstreamFailed(self._name, "the server is stopping")
            for ended in [known for known in self._clients if known.is_closed()]:
                del self._clients[ended]
            if loop not in self._clients:
                self._clients[loop] = self._opened()
            return self._clients[loop]

    def _opened(self) -> httpx.AsyncClient:
        headers = {"accept": "text/event-stream", "content-type": "application/json"}
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        return httpx.AsyncClient(
            headers=headers,
            verify=self._trusted,
            trust_env=False,  # configuration.py alone reads the environment
            timeout=httpx.Timeout(
                self._silence_s, connect=min(self._silence_s, CONNECT_LIMIT_S), pool=None
            ),
            limits=httpx.Limits(
                max_connections=None,
                max_keepalive_connections=None,
                keepalive_expiry=IDLE_LIMIT_S,
            ),
        )

    async def _beginning(self, response: httpx.Response, limit: int = ERROR_LIMIT_BYTES) -> bytes:
        """Of an error or of a list, without the key, which some servers quote."""
        beginning = b""
        async for part in response.aiter_bytes():
            beginning += part
            if len(beginning) >= limit:
                break
        return beginning.replace(self._key.encode(), b"") if self._key else beginning

    def _cleared(self, data: str) -> str:
        """An error without the key; everything else as it is."""
        return data.replace(self._key, "") if self._key and '"error"' in data else data

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except SSEError as exc:  # one of httpx's request errors, too
            reason = "it did not answer with a stream of events; see the end of its url"
            raise UpstreamFailed(self._name, reason) from exc
        except (httpx.ConnectError, httpx.ConnectTimeout) as exc:
            logger.info("upstream %s: %s", self._name, exc)
            raise Passing(UpstreamFailed(self._name, "no connection could be made")) from exc
        except httpx.TimeoutException as exc:
            reason = f"it was silent for {self._silence_s:g} s"
            raise UpstreamFailed(self._name, reason) from exc
        except httpx.RequestError as exc:
            logger.info("upstream %s: %r", self._name, exc)
            raise Passing(UpstreamFailed(self._name, "the connection broke")) from exc


async def _drain(events: AsyncGenerator[Any]) -> None:
    """Read to the end of the body, without which the connection cannot be used again."""
    with anyio.move_on_after(DRAIN_LIMIT_S), suppress(httpx.RequestError):
        async for _ in events:
            pass


def _trusted(url: str) -> Any:
    """What proves that a server is who it says: the usual authorities and the machine's own."""
    if not url.startswith("https"):
        return False
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
