"""Every rule that streams of lines keep, Ollama's and trinax's own, checked on their bytes."""

from datetime import datetime
from typing import Any

from tests.conformance.framing import lines

TIMES = ("total_duration", "load_duration", "prompt_eval_duration", "eval_duration")
COUNTS = ("prompt_eval_count", "eval_count")
LAST = {"done_reason", *TIMES, *COUNTS}
TOLD = {"model", "finish_reason", "usage", "timing"}

Line = dict[str, Any]


def of_ollama(data: bytes) -> list[Line]:
    """Raises AssertionError for the first rule that is broken."""
    found = lines(data)
    for line in found:
        datetime.fromisoformat(line["created_at"])
    assert [line["done"] for line in found] == [False] * (len(found) - 1) + [True]
    assert len({line["model"] for line in found}) == 1
    assert found[-1].keys() >= LAST
    # Clients divide by durations.
    assert all(type(found[-1][name]) is int and found[-1][name] > 0 for name in TIMES)
    assert not any(LAST & line.keys() for line in found[:-1])
    return found


def of_native(data: bytes) -> list[Line]:
    """Raises AssertionError for the first rule that is broken."""
    *said, last = lines(data)
    assert all(isinstance(line["delta"], str) and "done" not in line for line in said)
    assert last["done"] is True
    assert "delta" not in last
    assert last.keys() >= TOLD
    return [*said, last]


def failed(data: bytes) -> Line:
    """The last line of a stream that fails, which has none that says that it is done."""
    *said, last = lines(data)
    assert not any(line.get("done") for line in said)
    assert {*last} - {"type", "param", "code"} == {"error"}
    return last
