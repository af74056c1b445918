import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from tests.web.listening import listening
from trinax.settings import Access, Server, Settings
from trinax.web.connection import TOLD, Configuration

pytestmark = pytest.mark.slow

GET = b"GET / HTTP/1.1\r\nhost: localhost\r\n"
POST = b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4000\r\n\r\n"
QUICK = Server(header_limit_s=0.3, client_limit_s=0.6, keep_alive_s=1, header_limit_bytes=2000)
PATIENT = Server(header_limit_bytes=2000, connections=2)


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    await PlainTextResponse("hello")(scope, receive, send)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await hello(scope, receive, send)
        return
    for event in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{event}.complete"})


@pytest.fixture(scope="module")
def quick() -> Iterator[int]:
    with listening(Configuration(app, Settings(server=QUICK))) as port:
        yield port


@contextmanager
def client(port: int, sent: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(sent)
        yield connection


def told(connection: socket.socket) -> bytes:
    """Everything until the server closes the connection."""
    parts = []
    try:
        while part := connection.recv(65_536):
            parts.append(part)
    except ConnectionError:  # what was sent after its last word is thrown back
        pass
    return b"".join(parts)


def dripped(connection: socket.socket, drop: bytes, drops: int) -> bytes | None:
    """What the server answers to drops that come ten a second; None if it waits on."""
    connection.settimeout(0.1)
    for _ in range(drops):
        try:
            connection.sendall(drop)
            return connection.recv(4096)
        except TimeoutError:
            continue
        except ConnectionError:
            return b""
    return None


def code(answer: bytes) -> tuple[bytes, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.split(b" ")[1], json.loads(body)["error"]["code"]


@pytest.mark.parametrize("sent", [b"", b"\r\n", GET, b"GET / HT"])
def test_a_head_that_does_not_come_is_not_waited_for(quick: int, sent: bytes) -> None:
    with client(quick, sent) as connection:
        assert told(connection) == b""


def test_a_head_that_drips_is_not_waited_for(quick: int) -> None:
    with client(quick, GET + b"a: ") as connection:
        assert dripped(connection, b"x", 30) == b""


def test_a_body_that_drips_is_not_waited_for(quick: int) -> None:
    with client(quick, POST) as connection:
        assert dripped(connection, b"x", 30) == b""


def test_a_body_that_comes_slowly_is_waited_for(quick: int) -> None:
    with client(quick, POST) as connection:
        answer = dripped(connection, b"x" * 400, 10)
    assert (answer or b"").startswith(b"HTTP/1.1 200")


def test_an_idle_connection_is_closed(quick: int) -> None:
    with client(quick, GET + b"\r\n") as connection:
        assert told(connection).endswith(b"hello")


def test_a_connection_is_used_again(quick: int) -> None:
    with client(quick) as connection:
        for _ in range(3):
            connection.sendall(GET + b"\r\n")
            assert connection.recv(4096).endswith(b"hello")


@pytest.mark.parametrize(
    "sent",
    [
        GET + b"a: " + b"x" * 3000,
        GET + b"a: " + b"x" * 3000 + b"\r\n\r\n",
        GET + b"a: b\r\n" * 1000 + b"\r\n",
        b"GET /" + b"x" * 3000,
    ],
)
def test_a_head_is_so_long_at_most(quick: int, sent: bytes) -> None:
    with client(quick, sent) as connection:
        assert code(told(connection)) == (b"431", "head_too_large")


def test_what_is_no_http_is_told_so(quick: int) -> None:
    with client(quick, b"hello server, how are you?\r\n\r\n") as connection:
        assert code(told(connection)) == (b"400", "invalid_request")


def test_one_connection_too_many_is_told_why() -> None:
    with listening(Configuration(app, Settings(server=PATIENT))) as port, ExitStack() as stack:
        others = [stack.enter_context(client(port, GET)) for _ in range(2)]
        with client(port, GET + b"\r\n") as connection:
            answer = told(connection)
        assert code(answer) == (b"503", "too_many_connections")
        assert b"x-request-id: " in answer
        others[0].sendall(b"\r\n")
        assert others[0].recv(4096).endswith(b"hello")


def test_far_too_many_are_dropped() -> None:
    with listening(Configuration(app, Settings(server=PATIENT))) as port, ExitStack() as stack:
        for _ in range(2 + TOLD):
            stack.enter_context(client(port, GET))
        with client(port) as connection:
            assert told(connection) == b""


def test_what_no_application_sees_is_counted() -> None:
    configuration = Configuration(app, Settings(server=PATIENT))
    with listening(configuration) as port, ExitStack() as stack:
        with client(port, b"hello server, how are you?\r\n\r\n") as connection:
            told(connection)
        with client(port, GET + b"x: " + b"y" * 3000) as connection:
            told(connection)
        for _ in range(2 + TOLD):
            stack.enter_context(client(port, GET))
        with client(port) as connection:
            assert told(connection) == b""
    refused = configuration.refused
    assert (refused["invalid_request"], refused["head_too_large"]) == (1, 1)
    assert refused["too_many_connections"] == TOLD + 1


class Foreign(Configuration):
    """This machine counts as any other."""

    def is_of_many(self, address: str | None) -> bool:
        return False


def test_one_address_leaves_connections_to_others() -> None:
    settings = Settings(server=Server(connections_per_address=2))
    with listening(Foreign(app, settings)) as port, ExitStack() as stack:
        others = [stack.enter_context(client(port, GET)) for _ in range(2)]
        with client(port, GET + b"\r\n") as connection:
            assert code(told(connection)) == (b"429", "too_many_at_once")
        others[0].sendall(b"\r\n")
        assert others[0].recv(4096).endswith(b"hello")


@pytest.mark.parametrize(
    ("address", "expected"),
    [("127.0.0.1", True), ("10.0.0.7", True), ("10.0.0.8", False), (None, False)],
)
def test_many_may_ask_from_this_machine_and_through_a_proxy(
    address: str | None, expected: bool
) -> None:
    settings = Settings(access=Access(trusted_proxies=("10.0.0.7",)))
    assert Configuration(app, settings).is_of_many(address) == expected
