import pytest

from trinax.evaluation.crowd import Crowd, measured, shown


@pytest.mark.slow
def test_those_who_ask_are_measured_alone_and_beside_others() -> None:
    figures = measured(Crowd(asking=3, idle=3, slow=3, period_s=0.05, rounds=4, runs=1))
    assert 0 < figures["alone_ms"]["p50"] <= figures["alone_ms"]["p99"]
    assert 0 < figures["beside_ms"]["p50"] <= figures["beside_ms"]["p99"]
    assert "beside 6" in shown(figures)
