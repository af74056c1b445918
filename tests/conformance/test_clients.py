"""Every client makes the same of an answer, whole or streamed, and of a failure."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import pytest

from tests.conformance.cases import Case, Failure, Heard
from tests.conformance.clients import NODE, READERS, Reader, Replay, installed, replays

pytestmark = pytest.mark.slow

MISSING = "Node.js and `npm ci` in tests/conformance/node are needed to run this client"


@pytest.fixture(scope="session")
def replaying(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Replay]]:
    with replays(url, tmp_path_factory.mktemp("readers")) as started:
        yield started


@pytest.fixture(scope="session", params=READERS, ids=lambda reader: reader.name)
def reader(request: pytest.FixtureRequest) -> Reader:
    reader: Reader = request.param
    if not installed(reader):
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return reader


@pytest.fixture(scope="session")
def heard(reader: Reader, replaying: Mapping[str, Replay]) -> Mapping[str, Any]:
    return replaying[reader.name].heard()


@pytest.mark.parametrize("form", ["stream", "whole"])
def test_a_client_hears_what_was_said(reader: Reader, heard: Mapping[str, Any], form: str) -> None:
    wrong: dict[str, tuple[Any, Any]] = {}
    for case in reader.cases():
        due = case.whole if form == "whole" and case.whole else case.heard
        told = heard[f"{case.name}/{form}"]
        found = differences(reader, case, due, told)
        wrong |= {f"{case.name}: {name}": pair for name, pair in found.items()}
    assert wrong == {}


def test_no_case_is_left_out_without_a_reason() -> None:
    for reader in READERS:
        assert all(reader.cannot.values())
        assert len(reader.cases()) >= 20


def test_the_lock_names_no_registry() -> None:
    assert "resolved" not in (NODE / "package-lock.json").read_text()


def differences(
    reader: Reader, case: Case, due: Heard, told: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """What was heard and what should have been, where that differs."""
    if due.failure:
        found = _of_failure(reader, due.failure, told["failure"] or {})
        expected: dict[str, Any] = {"texts": list(due.texts)}
    else:
        found = {} if told["failure"] is None else {"failure": (told["failure"], None)}
        expected = {name: value for name, value in _plain(due).items() if name in reader.reads}
        if reader.stop_for_calls:
            expected["finishes"] = ["stop" if f == "tool_calls" else f for f in due.finishes]
        if case.model and not reader.ungrounded:
            del expected["usage"]
    return found | {
        name: (told.get(name), value) for name, value in expected.items() if told.get(name) != value
    }


def _of_failure(
    reader: Reader, due: Failure, told: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    expected = asdict(due)
    wanted = {name: value for name, value in expected.items() if name in reader.reads}
    wanted |= {"status": due.status or reader.late_status, "class": reader.classes[due.status]}
    found = {
        name: (told.get(name), value) for name, value in wanted.items() if told.get(name) != value
    }
    if due.message not in str(told.get("message")):
        found["message"] = (told.get("message"), due.message)
    return found


def _plain(due: Heard) -> dict[str, Any]:
    """As a reader prints it."""
    value = asdict(due)
    return {
        **value,
        "texts": list(due.texts),
        "finishes": list(due.finishes),
        "calls": list(value["calls"]),
        "tokens": [list(token) for token in due.tokens],
    }
