from pathlib import Path

import pytest

from tests.hardening.asking import Answer, Sent
from tests.hardening.fuzzing import LEAKS, TOKEN, Harm, fuzzed

INPUTS = 5000
SENT = Sent("GET", b"/")


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_nothing_that_is_sent_does_harm(tmp_path: Path) -> None:
    statuses = fuzzed(tmp_path, INPUTS, 1)
    assert sum(statuses.values()) >= INPUTS
    # Most is refused, and some gets through to what lies behind the checks.
    assert {200, 400, 401, 403, 404, 405} <= {*statuses}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, (), b"", 0.0),
        Answer(200, (), b"", 60.0),
        Answer(200, (), TOKEN.encode(), 0.0),
        Answer(200, ((b"x", b"root:x:0:0"),), b"", 0.0),
    ],
)
def test_harm_is_seen(answer: Answer) -> None:
    with pytest.raises(AssertionError):
        Harm(LEAKS).check(SENT, answer)
