"""Readings of an answer at the level of the socket, where a client can behave badly."""

import json
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.web.asking import CHAT, KEEPER

# The least that a system gives: what is not read waits at the server.
BUFFER_BYTES = 1
LIMIT_S = 20.0
MESSAGES = [{"role": "user", "content": KEEPER}]
# Path → what is asked there beside model and stream.
WIRES: Mapping[str, Mapping[str, Any]] = {
    CHAT: {"messages": MESSAGES, "collections": [], "max_tokens": 8000},
    "/v1/completions": {"prompt": "Count:\n"},
    "/v1/responses": {"input": KEEPER, "collections": []},
    "/api/chat": {"messages": MESSAGES, "collections": []},
    "/api/generate": {"prompt": "Count:\n", "raw": True},
    "/api/v1/chat": {"messages": MESSAGES, "collections": []},
    "/api/v1/generate": {"prompt": "Count:\n", "raw": True},
    "/task/v1/chat/completions": {"messages": MESSAGES},
    "/v1/research": {"query": KEEPER, "depth": 1},
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One request whose answer is read as far, as fast and as long as its owner likes."""

    socket: socket.socket

    def read(self, size: int) -> bytes:
        """At most so many bytes, once there are any; none at the end of the connection."""
        return self.socket.recv(size)

    def read_to(self, mark: bytes, piece: int = 1) -> bytes:
        """All up to the end of the mark, so many bytes at a time."""
        data = b""
        while mark not in data:
            read = self.read(piece)
            assert read, "the connection ended"
            data += read
        return data

    def leave(self) -> None:
        self.socket.close()

    def reset(self) -> None:
        """As a machine that has crashed, or a program that was killed."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    place = urlsplit(url)
    assert place.hostname
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        connection.settimeout(LIMIT_S)
        connection.connect((place.hostname, place.port))
        yield connection


@contextmanager
def reading(url: str, path: str, model: str, stream: bool = True) -> Iterator[Reading]:
    asked = {"model": model, "stream": stream, **WIRES[path]}
    with connected(url) as connection:
        connection.sendall(request(path, json.dumps(asked).encode()))
        yield Reading(connection)


def request(path: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
