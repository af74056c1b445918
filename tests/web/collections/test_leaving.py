import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.web.conftest import application
from tests.web.listening import listening
from trinax.ingest.uploads import INCOMING
from trinax.settings import Settings
from trinax.web.connection import Configuration

pytestmark = pytest.mark.slow

HEAD = (
    b"POST /v1/collections/demo/files HTTP/1.1\r\nhost: localhost\r\ncontent-length: 50000\r\n"
    b"content-type: multipart/form-data; boundary=x\r\n\r\n"
    b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.md"\r\n\r\nhalf'
)
LIMIT_S = 20.0


@pytest.fixture
def port(settings: Settings) -> Iterator[int]:
    with listening(Configuration(application(settings), settings)) as port:
        yield port


def listed(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []


def test_an_upload_that_breaks_off_leaves_nothing(port: int, settings: Settings) -> None:
    incoming = settings.data_dir / INCOMING
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(HEAD)
        end_s = time.monotonic() + LIMIT_S
        while not listed(incoming):
            assert time.monotonic() < end_s
    while listed(incoming):
        assert time.monotonic() < end_s
    assert listed(settings.collections_dir / "demo") == ["guide.md", "timer.py"]


def test_a_body_that_is_too_long_is_not_waited_for(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S) as connection:
        connection.sendall(HEAD.replace(b": 50000", b": 500000000"))
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_who_follows_a_status_and_goes_is_forgotten(port: int) -> None:
    url = f"http://127.0.0.1:{port}/v1/collections"
    for _ in range(3):
        with httpx.stream("GET", url, params={"stream": "true"}) as answer:
            assert next(answer.iter_lines()).startswith('data: {"collections":[{"id":"demo"')
    assert httpx.get(url).status_code == 200
