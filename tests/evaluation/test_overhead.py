import pytest

from trinax.evaluation.metronome import alone_us
from trinax.evaluation.overhead import measured, shown


@pytest.mark.slow
def test_a_server_is_measured_beside_a_bare_one() -> None:
    figures = measured()
    first = figures["first_byte_ms"]
    assert 0 < first["p50"] <= first["p95"] <= first["p99"]
    assert figures["token_us"] is None or figures["token_us"] > 0
    assert "bare Starlette" in shown(figures)


def test_a_token_costs_something() -> None:
    assert alone_us(streams=2, tokens=50) > 0


def test_what_is_unknown_is_left_empty() -> None:
    first = {"p50": 0.5}
    known = {"first_byte_ms": first, "bare_first_byte_ms": first, "streams": 8, "alone_us": 4.0}
    text = shown({**known, "token_us": None, "bare_us": None})
    assert "None" not in text
