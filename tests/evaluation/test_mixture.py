from itertools import islice

import pytest

from trinax.evaluation.mixture import WEIGHTS, Asked, Kind, fault, requests
from trinax.evaluation.streaming import Reply


def reply(status: int, tokens: int = 0, error: str = "") -> Reply:
    return Reply(0, 1, status, completion_tokens=tokens, error=error)


def test_every_kind_is_asked() -> None:
    assert {asked.kind for asked in requests(200, "tiny")} == {*WEIGHTS}


def test_the_same_seed_asks_the_same() -> None:
    assert [*requests(50, "tiny")] == [*requests(50, "tiny")]
    assert [*islice(requests(50, "tiny", 1), 9)] != [*islice(requests(50, "tiny", 2), 9)]


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("whole", reply(200, 8)),
        ("stream", reply(200, 8)),
        ("stream", reply(429)),
        ("broken off", reply(200)),
        ("left", reply(0)),
        ("limited", reply(504)),
        ("limited", reply(200, error='{"code": "timed_out"}')),
        ("wrong", reply(400)),
        ("wrong", reply(404)),
    ],
)
def test_what_may_happen(kind: Kind, answer: Reply) -> None:
    assert fault(Asked(kind, {}), answer) == ""


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("whole", reply(500)),
        ("whole", reply(200, 0)),
        ("stream", reply(0)),
        ("stream", reply(504)),
        ("stream", reply(200, 8, '{"code": "model_failed"}')),
        ("broken off", reply(503)),
        ("left", reply(500)),
        ("limited", reply(503)),
        ("wrong", reply(200, 8)),
        ("wrong", reply(500)),
    ],
)
def test_what_may_not_happen(kind: Kind, answer: Reply) -> None:
    assert fault(Asked(kind, {}), answer).startswith(kind)
