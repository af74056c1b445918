from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from trinax.access.gate import Gate, network
from trinax.access.policy import Caller
from trinax.errors import RateLimited, TooManyAtOnce
from trinax.settings import Limits

LAN = Caller("lan", frozenset(), address="192.168.1.50")
KEY = replace(LAN, id="k1")
NEAR = Caller("loopback", frozenset(), address="127.0.0.1")
LIMITS = Limits(answers_per_minute=3, calls_per_minute=5, reads_per_minute=6)


def passed(gate: Gate, caller: Caller, family: str = "answers", session: str = "") -> int:
    """How many requests at once are let through."""
    for number in range(100):
        try:
            gate.admit(caller, family, session, 0)  # type: ignore[arg-type]
        except RateLimited:
            return number
    return 100


@pytest.mark.parametrize(("family", "limit"), [("answers", 3), ("calls", 5), ("reads", 6)])
def test_each_family_has_its_limit(family: str, limit: int) -> None:
    assert passed(Gate(LIMITS), LAN, family) == limit


def test_a_key_may_ask_for_more_answers() -> None:
    gate = Gate(LIMITS)
    assert passed(gate, KEY) == 5
    assert passed(gate, LAN) == 3


def test_a_key_counts_wherever_it_asks_from() -> None:
    gate = Gate(LIMITS)
    assert passed(gate, KEY) == 5
    assert passed(gate, replace(KEY, address="192.168.1.51")) == 0


def test_an_address_counts_whatever_key_it_sends() -> None:
    gate = Gate(LIMITS)
    assert passed(gate, KEY) == 5
    assert passed(gate, replace(KEY, id="k2")) == 0


def test_a_session_counts_wherever_it_asks_from() -> None:
    gate = Gate(LIMITS)
    assert passed(gate, LAN, "answers", "page-1234") == 3
    assert passed(gate, replace(LAN, address="192.168.1.51"), "answers", "page-1234") == 2


def test_what_is_refused_is_not_counted() -> None:
    gate = Gate(LIMITS)
    passed(gate, KEY)
    other = replace(KEY, address="192.168.1.51")
    passed(gate, other)
    assert passed(gate, replace(other, id="k2")) == 5


def test_this_machine_is_not_limited_without_a_key() -> None:
    gate = Gate(LIMITS)
    assert passed(gate, NEAR) == 100
    with gate.stream(NEAR), gate.queue(NEAR, "auto"):
        assert len(gate) == 0
    assert passed(gate, replace(NEAR, id="k1")) == 5


def test_this_machine_is_limited_where_that_is_wanted() -> None:
    assert passed(Gate(replace(LIMITS, loopback=True)), NEAR) == 3


def test_zero_is_no_limit() -> None:
    gate = Gate(Limits(0, 0, 0, 0, 0))
    assert passed(gate, KEY) == 100
    assert gate.admit(KEY, "answers", "", 0) is None
    with gate.stream(KEY), gate.stream(KEY):
        pass


def test_ten_thousand_addresses_are_a_bounded_number_of_entries() -> None:
    gate = Gate(Limits())
    for number in range(10_000):
        gate.admit(replace(LAN, address=f"10.0.{number >> 8}.{number & 255}"), "answers", "", 0)
    assert len(gate) == 10_000
    for number in range(50_000):
        gate.admit(replace(LAN, address=f"2001:db8:0:{number:x}::1"), "answers", "", 0)
    assert len(gate) == 20_000


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.168.1.50", "192.168.1.50"),
        ("::ffff:192.168.1.50", "192.168.1.50"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_who_counts_as_one_client(address: str, client: str) -> None:
    assert network(address) == client


def test_a_client_has_so_many_requests_at_one_model() -> None:
    gate = Gate(Limits(queue_per_client=1))
    with gate.queue(LAN, "a"), gate.queue(LAN, "b"), gate.queue(KEY, "a"):
        again = gate.queue(LAN, "a")
        with pytest.raises(TooManyAtOnce, match="1 requests at this model"):
            again.__enter__()
    with gate.queue(LAN, "a"):
        pass


def failing(place: AbstractContextManager[None]) -> None:
    with place:
        raise ZeroDivisionError


def test_a_stream_that_fails_gives_its_place_back() -> None:
    gate = Gate(Limits(streams_per_client=1))
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            failing(gate.stream(LAN))
    assert len(gate) == 0
