import pytest

from trinax.errors import Busy
from trinax.models.upstream.traffic import Traffic


def test_a_request_waits_until_something_comes_back() -> None:
    traffic = Traffic("box", 0)
    with traffic.request("a") as stay:
        assert (traffic.load("a").waiting, traffic.load("a").running) == (1, 0)
        stay.answer()
        stay.answer()
        assert (traffic.load("a").waiting, traffic.load("a").running) == (0, 1)
        assert (traffic.load("b").waiting, traffic.load("b").running) == (0, 0)
    assert (traffic.load("a").waiting, traffic.load("a").running) == (0, 0)


def test_a_request_that_fails_is_no_longer_counted() -> None:
    traffic = Traffic("box", 1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), traffic.request("a"):
            raise ZeroDivisionError
    assert traffic.load("a").waiting == 0


def test_the_limit_holds_for_all_models_together() -> None:
    traffic = Traffic("box", 2)
    with traffic.request("a"), traffic.request("b"):
        with pytest.raises(Busy, match="'box' is busy") as busy, traffic.request("c"):
            pass
        assert busy.value.retry_after_s >= 1
    with traffic.request("c"):
        assert traffic.load("c").capacity == 2
