import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from trinax.evaluation.first_byte import Waits, percentiles, waits
from trinax.evaluation.serving import ServerFailed

ROLE = b'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n'
TEXT = b'data: {"choices":[{"delta":{"content":"Owls"}}]}\n\n'
LAST = b'data: {"choices":[],"trinaxai":{}}\n\ndata: [DONE]\n\n'


@contextmanager
def serving(status: int, *parts: bytes) -> Iterator[int]:
    """A server that answers every question with these parts; gives its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.end_headers()
            for part in parts:
                self.wfile.write(part)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_the_waits_come_in_their_order() -> None:
    with serving(200, b": keep-alive\n\n", ROLE, TEXT, LAST) as port:
        found = waits(port, "birds", ["When do owls hunt?", "Why?"])
    assert len(found) == 2
    for one in found:
        assert 0 < one.first_byte_ms <= one.first_text_ms <= one.whole_ms


def test_a_refusal_is_a_failure() -> None:
    with serving(404, b"no such collection") as port, pytest.raises(ServerFailed, match="404"):
        waits(port, "birds", ["Why?"])


def test_a_stream_without_text_is_a_failure() -> None:
    with serving(200, ROLE, LAST) as port, pytest.raises(ServerFailed, match="without text"):
        waits(port, "birds", ["Why?"])


def test_percentiles_are_of_each_wait() -> None:
    found = percentiles([Waits(1.0, 2.0, 3.0)] * 3)
    assert found["first_byte_ms"] == {"p50": 1.0, "p99": 1.0}
    assert found["whole_ms"]["p99"] == 3.0
