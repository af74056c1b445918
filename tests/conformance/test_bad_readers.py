"""A client that reads slowly, goes away or stops reading is nobody else's trouble."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest
from httpx_sse import connect_sse

from tests.conformance.cases import CENSUS, ENDLESS, FLOOD, LONG, SILENT, TINY_ENDLESS
from tests.conformance.conftest import conforming
from tests.conformance.readings import MESSAGES, WIRES, Reading, connected, reading, request
from tests.conformance.strict import stream_of
from tests.web.asking import CHAT

pytestmark = pytest.mark.slow

CLIENT_LIMIT_S = 3.0
WAIT_S = 20.0
# Of a stream that 2 cores write beside a dozen others.
LONGEST_GAP_S = 5.0
GROWTH_BYTES = 64_000_000
TOKENS = 300
SLOTS = 8
OTHERS = 4
ROUNDS = 40
LEAVING = pytest.mark.parametrize("leave", [Reading.leave, Reading.reset], ids=["close", "reset"])
ANY_WIRE = pytest.mark.parametrize("path", WIRES)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a server that does not wait long for who reads nothing, after everything has run once."""
    with conforming(tmp_path_factory.mktemp("server"), CLIENT_LIMIT_S) as url:
        for path in WIRES:
            with reading(url, path, TINY_ENDLESS) as first:
                first.read_to(b"one")
        assert comes_to(lambda: running(url), 0)
        yield url


@pytest.fixture(autouse=True)
def nothing_is_left(url: str) -> Iterator[None]:
    before = held(url)
    yield
    assert comes_to(lambda: running(url), 0)
    assert comes_to(lambda: held(url), before), (held(url), before)


def running(url: str) -> int:
    loads = httpx.get(f"{url}/api/v1/queue-status").json()["models"]
    return sum(load["running"] + load["waiting"] for load in loads)


def waiting(url: str) -> int:
    loads = httpx.get(f"{url}/api/v1/queue-status").json()["models"]
    return sum(load["waiting"] for load in loads)


def census(url: str) -> dict[str, int]:
    counts: dict[str, int] = httpx.get(url + CENSUS).json()
    return counts


def held(url: str) -> dict[str, int]:
    """Threads are not among it: those that wait for work are kept."""
    counts = census(url)
    return {name: counts[name] for name in ("tasks", "files")}


def comes_to(found: Callable[[], object], due: object) -> bool:
    limit = time.monotonic() + WAIT_S
    while found() != due:
        if time.monotonic() > limit:
            return False
    return True


@LEAVING
@ANY_WIRE
def test_who_leaves_in_an_answer_frees_its_place(
    url: str, path: str, leave: Callable[[Reading], None]
) -> None:
    with reading(url, path, ENDLESS) as one:
        one.read_to(b"on and")
        assert running(url) == 1
        leave(one)
        assert comes_to(lambda: running(url), 0)


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@LEAVING
@ANY_WIRE
def test_who_leaves_before_the_first_word_frees_its_place(
    url: str, path: str, leave: Callable[[Reading], None], stream: bool
) -> None:
    with reading(url, path, SILENT, stream) as one:
        assert comes_to(lambda: running(url), 1)
        leave(one)
        assert comes_to(lambda: running(url), 0)


@LEAVING
def test_who_leaves_the_queue_frees_its_place(url: str, leave: Callable[[Reading], None]) -> None:
    with ExitStack() as stack:
        for _ in range(SLOTS):
            stack.enter_context(reading(url, CHAT, TINY_ENDLESS)).read_to(b"one")
        last = stack.enter_context(reading(url, CHAT, TINY_ENDLESS))
        assert comes_to(lambda: waiting(url), 1)
        leave(last)
        assert comes_to(lambda: waiting(url), 0)
        assert running(url) == SLOTS


def test_a_slow_reader_gets_all_of_it(url: str) -> None:
    with reading(url, CHAT, "plain") as slow:
        told = slow.read_to(b"[DONE]")
    assert b"world." in told


def test_who_stops_in_the_middle_of_a_frame_is_cut_off(url: str) -> None:
    before = census(url)
    with ExitStack() as stack:
        for path in WIRES:
            stack.enter_context(reading(url, path, FLOOD)).read_to(b"on and")
        assert running(url) > 0
        assert comes_to(lambda: running(url), 0)
        assert comes_to(lambda: held(url)["files"], before["files"])
        assert census(url)["peak_bytes"] < before["peak_bytes"] + GROWTH_BYTES


def test_who_reads_nothing_of_a_whole_answer_is_cut_off(url: str) -> None:
    files = held(url)["files"]
    with reading(url, CHAT, LONG, stream=False):
        assert comes_to(lambda: held(url)["files"], files + 1)
        assert comes_to(lambda: held(url)["files"], files)


def test_who_does_not_finish_a_request_is_cut_off(url: str) -> None:
    whole = request(CHAT, b'{"model": "plain"}')
    with ExitStack() as stack:
        begun = [stack.enter_context(connected(url)) for _ in range(3)]
        for connection, part in zip(begun, (b"", whole[:20], whole[:-1]), strict=True):
            connection.sendall(part)
        assert [connection.recv(1) for connection in begun] == [b"", b"", b""]


def test_leaving_again_and_again_adds_nothing_up(url: str) -> None:
    before = census(url)
    for _ in range(ROUNDS):
        with reading(url, CHAT, ENDLESS) as one:
            one.read_to(b"on and")
            one.reset()
    after = census(url)
    assert after["threads"] < before["threads"] + ROUNDS / 2
    assert after["peak_bytes"] < before["peak_bytes"] + GROWTH_BYTES


def longest_gap_s(url: str) -> float:
    """Of one well-behaved client, that reads an answer to its end."""
    asked = {"model": TINY_ENDLESS, "messages": MESSAGES, "stream": True, "max_tokens": TOKENS}
    gaps = []
    with (
        httpx.Client(timeout=WAIT_S) as http,
        connect_sse(http, "POST", url + CHAT, json=asked | {"collections": []}) as source,
    ):
        at = time.monotonic()
        told = b""
        for line in source.response.iter_bytes():
            gaps.append(time.monotonic() - at)
            at += gaps[-1]
            told += line
    words = [frame["choices"][0]["delta"] for frame in stream_of(told, 1, usage=False).frames[:-1]]
    assert len("".join(word.get("content", "") for word in words).split()) == TOKENS
    return max(gaps)


def test_no_other_client_notices(url: str) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(OTHERS) as pool:
        bad = [
            stack.enter_context(reading(url, CHAT, model))
            for model in (FLOOD, FLOOD, ENDLESS, TINY_ENDLESS, TINY_ENDLESS, SILENT)
        ]
        others = [pool.submit(longest_gap_s, url) for _ in range(OTHERS)]
        while not all(other.done() for other in others):
            bad[2].read(1)
            bad[3].read(1)
        assert max(other.result() for other in others) < LONGEST_GAP_S
