"""A server that is away, slow or busy, on the wire."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from qdrant_client import QdrantClient

from tests.contracts.store import COLLECTION, WIDTH, entries, texts
from tests.qdrant import rest, rpc
from trinax.errors import StoreFailed
from trinax.index import outage
from trinax.index.cluster import ClusterStore
from trinax.index.outage import Outage, Passing, Patience, pause_s, tried
from trinax.index.remote import MEMORY, Server
from trinax.settings import Index


@pytest.fixture
def wire() -> Iterator[rest.Wire]:
    engine = QdrantClient(MEMORY, force_disable_check_same_thread=True)
    yield rest.Wire(engine)
    engine.close()


@contextmanager
def connected(settings: Index) -> Iterator[ClusterStore]:
    server = Server(settings)
    yield ClusterStore(server, COLLECTION, WIDTH, "static-1", lambda _: None)
    server.close()


@contextmanager
def over_http(wire: rest.Wire, settings: Index | None = None) -> Iterator[ClusterStore]:
    with ExitStack() as stack:
        url = f"http://127.0.0.1:{stack.enter_context(rest.serving(wire))}"
        store = stack.enter_context(connected(replace(settings or Index(), url=url)))
        store.replace(entries("a.md", "apple", "banana"))
        wire.asked.clear()
        yield store


@contextmanager
def over_grpc(wire: rest.Wire) -> Iterator[ClusterStore]:
    with ExitStack() as stack:
        port = stack.enter_context(rpc.serving(wire))
        settings = Index(url="http://127.0.0.1:9", grpc=True, grpc_port=port)
        yield stack.enter_context(connected(settings))


BUSY, BUSY_LONG = (rest.Answer(429, {"retry-after": after}) for after in ("1", "60"))
AWAY, BROKEN = rest.Answer(503), rest.Answer(500)


def test_what_fails_for_the_moment_is_asked_again(wire: rest.Wire) -> None:
    with over_http(wire) as store:
        wire.instead = [AWAY, AWAY]
        assert store.count() == 2
        assert len(wire.asked) == 3


def test_what_keeps_failing_is_given_up(wire: rest.Wire) -> None:
    with over_http(wire, Index(retries=2)) as store:
        wire.instead = [AWAY] * 3
        with pytest.raises(StoreFailed, match="cannot be reached") as failure:
            store.count()
        assert len(wire.asked) == 3
        assert failure.value.retry_after_s == 1


def test_what_the_server_refuses_is_not_asked_again(wire: rest.Wire) -> None:
    with over_http(wire) as store:
        wire.instead = [BROKEN]
        with pytest.raises(StoreFailed, match="refused") as failure:
            store.count()
        assert len(wire.asked) == 1
        assert failure.value.retry_after_s == 0
        assert store.count() == 2


def test_it_waits_as_long_as_a_busy_server_wishes(wire: rest.Wire) -> None:
    with over_http(wire) as store:
        wire.instead = [BUSY]
        began_s = time.monotonic()
        assert store.count() == 2
        assert time.monotonic() - began_s >= 1


def test_a_search_does_not_wait_for_long(wire: rest.Wire) -> None:
    with over_http(wire) as store:
        wire.instead = [BUSY_LONG]
        with pytest.raises(StoreFailed, match="more than it takes") as failure:
            store.count()
        assert failure.value.retry_after_s == 60
        assert store.count() == 2  # being busy is not being away


def test_a_slow_server_is_given_up_in_time(wire: rest.Wire) -> None:
    with over_http(wire, Index(timeout_s=1)) as store:
        wire.speaks.clear()
        with pytest.raises(StoreFailed, match="in time"):
            store.count()
        assert len(wire.asked) == 1
        wire.speaks.set()


def test_a_write_whose_answer_is_lost_is_done_once(wire: rest.Wire) -> None:
    with over_http(wire) as store:
        wire.lose = 1
        store.replace(entries("b.md", "cherry"))
        assert len(wire.asked) == 2
        assert store.count() == 3


def test_a_wrong_key_is_refused_and_not_shown(wire: rest.Wire) -> None:
    wire.api_key = "right"
    with rest.serving(wire) as port:
        wrong = Index(url=f"http://127.0.0.1:{port}", api_key="secret")
        with pytest.raises(StoreFailed, match="refused") as failure, connected(wrong):
            pass
        with connected(replace(wrong, api_key="right")) as store:
            assert store.count() == 0
    assert "secret" not in str(failure.value)
    assert "secret" not in repr(wrong)


def test_shards_and_replicas_are_asked_for(wire: rest.Wire) -> None:
    with over_http(wire, Index(shards=6, replicas=2)):
        created = [body for body in wire.bodies if b"shard_number" in body]
    assert b'"shard_number":6' in created[0]
    assert b'"replication_factor":2' in created[0]
    assert b'"modifier":"idf"' in created[0]


def test_a_restart_of_the_server_is_survived(wire: rest.Wire) -> None:
    with ExitStack() as running:
        port = running.enter_context(rest.serving(wire))
        settings = Index(url=f"http://127.0.0.1:{port}", retries=1)
        with connected(settings) as store:
            store.replace(entries("a.md", "apple"))
            running.close()
            with pytest.raises(StoreFailed, match="cannot be reached"):
                texts(store, "apple")
            with rest.serving(wire, port):
                _until(lambda: texts(store, "apple") == ["apple"])


def test_while_it_is_away_searches_fail_at_once(wire: rest.Wire) -> None:
    with ExitStack() as running:
        port = running.enter_context(rest.serving(wire))
        with connected(Index(url=f"http://127.0.0.1:{port}")) as store:
            running.close()
            with pytest.raises(StoreFailed):
                store.count()
            began_s = time.monotonic()
            for _ in range(20):
                with pytest.raises(StoreFailed):
                    store.count()
            # One at most was allowed to find out whether it is back.
            assert time.monotonic() - began_s < outage.TRIED_EVERY_S / 2


def test_writing_waits_for_the_server_to_come_back(wire: rest.Wire) -> None:
    with ExitStack() as running:
        port = running.enter_context(rest.serving(wire))
        with connected(Index(url=f"http://127.0.0.1:{port}")) as store:
            running.close()
            writing = threading.Thread(target=store.replace, args=(entries("a.md", "apple"),))
            writing.start()
            _until(lambda: not _answers(store))
            with rest.serving(wire, port):
                writing.join()
                _until(lambda: _answers(store))
                assert store.count() == 1


def test_grpc_is_tried_again_too(wire: rest.Wire) -> None:
    with over_grpc(wire) as store:
        store.replace(entries("a.md", "apple"))
        wire.asked.clear()
        wire.instead = [BUSY]
        assert store.count() == 1
        assert wire.asked == ["/qdrant.Points/Count"] * 2
        wire.instead = [BUSY_LONG]
        with pytest.raises(StoreFailed, match="more than it takes"):
            store.count()


def test_a_restart_is_survived_over_grpc_too(wire: rest.Wire) -> None:
    with ExitStack() as running:
        port = running.enter_context(rpc.serving(wire))
        with connected(Index(url="http://127.0.0.1:9", grpc=True, grpc_port=port)) as store:
            store.replace(entries("a.md", "apple"))
            running.close()
            # Long enough for gRPC to lose patience with it.
            deadline_s = time.monotonic() + 8
            while time.monotonic() < deadline_s:
                assert not _answers(store)
                time.sleep(0.2)
            with rpc.serving(wire, port):
                back_s = time.monotonic()
                _until(lambda: texts(store, "apple") == ["apple"])
                assert time.monotonic() - back_s < 5


def test_a_wrong_key_is_refused_over_grpc(wire: rest.Wire) -> None:
    wire.api_key = "right"
    with rpc.serving(wire) as port:
        wrong = Index(url="http://127.0.0.1:9", grpc=True, grpc_port=port, api_key="secret")
        with pytest.raises(StoreFailed, match="refused"), connected(wrong):
            pass
        with connected(replace(wrong, api_key="right")) as store:
            assert store.count() == 0


@pytest.mark.parametrize("grpc", [False, True])
def test_a_server_that_is_not_there_is_a_store_that_failed(grpc: bool) -> None:
    # Port 9 (discard) is refused on any sane machine.
    server = Server(Index(url="http://127.0.0.1:9", grpc=grpc, grpc_port=9, retries=1))
    with pytest.raises(StoreFailed, match="cannot be reached"):
        server.serving()
    server.close()


def test_pauses_grow_and_are_bounded() -> None:
    pauses = [pause_s(attempt) for attempt in range(20)]
    assert 0.05 <= pauses[0] <= 0.1
    assert 0.1 <= pauses[1] <= 0.2
    assert max(pauses) <= outage.LONGEST_PAUSE_S


def test_only_what_may_pass_is_tried_again() -> None:
    asked = []

    def refused() -> None:
        asked.append(1)
        raise StoreFailed("notes", "it refused")

    with pytest.raises(StoreFailed):
        tried(refused, Patience(3, 1.0))
    assert asked == [1]


def test_one_caller_at_a_time_finds_out_whether_it_is_back() -> None:
    away = Outage()
    assert away.begin(time.monotonic())
    assert not away.admits()
    time.sleep(outage.TRIED_EVERY_S)
    assert [away.admits() for _ in range(3)] == [True, False, False]
    assert away.end()
    assert away.admits()


def test_one_that_was_answered_later_is_not_away() -> None:
    away = Outage()
    asked_s = time.monotonic()
    away.end()
    assert not away.begin(asked_s)
    assert away.admits()


def test_a_failure_that_may_pass_says_when() -> None:
    assert Passing("notes", "busy", 7).failure.retry_after_s == 7
    assert Passing("notes", "away").failure.retry_after_s == outage.TRIED_EVERY_S


def _answers(store: ClusterStore) -> bool:
    try:
        store.count()
    except StoreFailed:
        return False
    return True


def _until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 20
    while True:
        try:
            if condition():
                return
        except StoreFailed:
            pass
        assert time.monotonic() < deadline_s, "it did not come to pass"
        time.sleep(0.02)
