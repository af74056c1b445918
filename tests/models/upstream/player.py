"""A server that plays back recorded answers and remembers what it was asked."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

STREAM = {"content-type": "text/event-stream"}


@dataclass(frozen=True, slots=True)
class Answer:
    """end: "cut" breaks the connection off, "hang" sends nothing more until the client goes."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: STREAM)
    end: Literal["whole", "cut", "hang"] = "whole"
    late: bool = False  # not even its head is sent before the client goes


@dataclass(frozen=True, slots=True)
class Asked:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


def refusal(status: int, error: Any, **headers: str) -> Answer:
    body = json.dumps({"error": error}).encode()
    return Answer(body, status, {"content-type": "application/json", **headers})


class CutError(Exception):
    """Makes uvicorn drop a connection in the middle of a body."""


class Player:
    """An ASGI application; the last answer is given again and again."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[Answer] = []
        self.asked: list[Asked] = []
        self.reached = threading.Event()  # by a request
        self.gone = threading.Event()  # a client closed its connection before the end
        self.clients: set[Any] = set()

    def play(self, *answers: Answer | bytes) -> None:
        self.answers = [Answer(each) if isinstance(each, bytes) else each for each in answers]
        self.asked.clear()
        self.clients.clear()
        self.reached.clear()
        self.gone.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.clients.add(scope["client"])
        self.asked.append(Asked(scope["path"], headers, await _body(receive)))
        self.reached.set()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not answer.late:
            head = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
            await send({"type": "http.response.start", "status": answer.status, "headers": head})
            more = answer.end != "whole"
            await send({"type": "http.response.body", "body": answer.body, "more_body": more})
        if answer.end == "cut":
            raise CutError
        if answer.late or answer.end == "hang":
            while (await receive())["type"] != "http.disconnect":
                pass
            self.gone.set()


async def _body(receive: Receive) -> dict[str, Any]:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    value: dict[str, Any] = json.loads(body or b"{}")
    return value


@contextmanager
def listening(app: ASGIApp) -> Iterator[str]:
    """The address of a real server on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_config=None, proxy_headers=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def playing() -> Iterator[Player]:
    player = Player()
    with listening(player) as url:
        player.url = f"{url}/v1"
        yield player
