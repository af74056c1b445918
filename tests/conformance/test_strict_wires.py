"""The bytes of every case keep every rule of the other streams too."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.conformance import strict_lines
from tests.conformance.cases import ANSWERS, CASES, Case, Heard
from tests.conformance.strict_responses import response_of
from tests.conformance.strict_text import texts_of

pytestmark = pytest.mark.slow

LIMIT_S = 60.0
AT_ONCE = 8
RESPONSES = "/v1/responses"
COMPLETIONS = "/v1/completions"
OLLAMA = ("/api/chat", "/api/generate")
NATIVE = ("/api/v1/chat", "/api/v1/generate")
# Silences are the same on every wire; two choices are for those that have them; the rest is
# asked for in other words.
PLAIN = [case for case in ANSWERS if "n" not in case.fields and not case.model]
QUICK = [case for case in PLAIN if not case.name.startswith("silence")]
# What can come of a text that is continued as it is.
WRITTEN = [
    case
    for case in QUICK
    if not (case.heard.calls or case.heard.reasoning or "collections" in case.fields)
]
(LATE,) = (case for case in CASES if case.whole)


def body(path: str, case: Case) -> dict[str, Any]:
    told = case.asked()
    question = told["question"]
    messages = [{"role": "user", "content": question}]
    asked = {
        RESPONSES: {"input": question},
        COMPLETIONS: {"prompt": question, "stream_options": {"include_usage": True}},
        "/api/chat": {"messages": messages},
        "/api/generate": {"prompt": question},
        "/api/v1/chat": {"messages": messages},
        "/api/v1/generate": {"prompt": question},
    }[path]
    collections = told["fields"]["collections"]
    return {"model": told["model"], "stream": True, "collections": collections, **asked}


def ask(url: str, path: str, case: Case) -> httpx.Response:
    return httpx.post(url + path, json=body(path, case), timeout=LIMIT_S)


@pytest.fixture(scope="session")
def streams(url: str) -> Mapping[tuple[str, str], bytes]:
    """(path, case) → the body."""
    paths: Sequence[str] = (RESPONSES, *OLLAMA, *NATIVE)
    jobs = [(path, case) for path in paths for case in QUICK]
    jobs += [(COMPLETIONS, case) for case in WRITTEN]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda job: ask(url, *job), jobs))
    assert {answer.status_code for answer in answers} == {200}
    return {
        (path, case.name): answer.content
        for (path, case), answer in zip(jobs, answers, strict=True)
    }


def text(heard: Heard) -> str:
    return "".join(heard.texts)


@pytest.mark.parametrize("case", QUICK, ids=lambda case: case.name)
def test_events_of_a_response_keep_every_rule(
    streams: Mapping[tuple[str, str], bytes], case: Case
) -> None:
    response = response_of(streams[RESPONSES, case.name])
    items = response["output"]
    said = [part["text"] for i in items if i["type"] == "message" for part in i["content"]]
    called = [item["name"] for item in items if item["type"] == "function_call"]
    thought = [part["text"] for i in items if i["type"] == "reasoning" for part in i["content"]]
    assert ("".join(said), "".join(thought)) == (text(case.heard), case.heard.reasoning)
    assert called == [call.name for call in case.heard.calls]
    assert response["status"] == ("incomplete" if case.name == "cut" else "completed")


@pytest.mark.parametrize("case", WRITTEN, ids=lambda case: case.name)
def test_frames_of_raw_text_keep_every_rule(
    streams: Mapping[tuple[str, str], bytes], case: Case
) -> None:
    assert texts_of(streams[COMPLETIONS, case.name], 1, usage=True) == [text(case.heard)]


@pytest.mark.parametrize("case", QUICK, ids=lambda case: case.name)
def test_lines_of_ollama_keep_every_rule(
    streams: Mapping[tuple[str, str], bytes], case: Case
) -> None:
    chat, generate = (strict_lines.of_ollama(streams[path, case.name]) for path in OLLAMA)
    assert "".join(line["message"]["content"] for line in chat) == text(case.heard)
    assert "".join(line["response"] for line in generate) == text(case.heard)
    calls = [call for line in chat for call in line["message"].get("tool_calls", [])]
    told = [(call["function"]["name"], call["function"]["arguments"]) for call in calls]
    assert told == [(call.name, call.arguments) for call in case.heard.calls]


@pytest.mark.parametrize("path", NATIVE)
@pytest.mark.parametrize("case", QUICK, ids=lambda case: case.name)
def test_lines_of_our_own_keep_every_rule(
    streams: Mapping[tuple[str, str], bytes], case: Case, path: str
) -> None:
    found = strict_lines.of_native(streams[path, case.name])
    assert "".join(line.get("delta", "") for line in found) == text(case.heard)
    assert [found[-1]["finish_reason"]] == [*case.heard.finishes]


@pytest.mark.parametrize("path", OLLAMA)
def test_a_late_failure_is_the_last_line_of_ollama(url: str, path: str) -> None:
    last = strict_lines.failed(ask(url, path, LATE).content)
    assert last["error"] == LATE.heard.failure.message  # type: ignore[union-attr]


@pytest.mark.parametrize("path", NATIVE)
def test_a_late_failure_is_the_last_of_our_own_lines(url: str, path: str) -> None:
    last = strict_lines.failed(ask(url, path, LATE).content)
    assert last["error"].keys() == {"message", "type", "param", "code"}


def test_a_late_failure_is_the_last_event_of_a_response(url: str) -> None:
    response = response_of(ask(url, RESPONSES, LATE).content)
    assert response["status"] == "failed"
    assert response["error"]["code"] == "model_failed"
    assert response["output"][0]["content"][0]["text"] == text(LATE.heard)


BREAKS = [
    (RESPONSES, b"event: response.created\n", b""),
    (RESPONSES, b'"sequence_number":1,', b'"sequence_number":2,'),
    (RESPONSES, b'"delta":"Hello"', b'"delta":"Hell"'),
    (RESPONSES, b"response.output_item.added", b"response.output_item.done"),
    (RESPONSES, b"response.completed", b"response.in_progress"),
    (RESPONSES, b'"status":"completed"', b'"status":"over"'),
    (RESPONSES, b'"created_at"', b'"made_at"'),
    (RESPONSES, b"\n\n", b"\r\n\r\n"),
    (RESPONSES, b"event: response.created", b": ping\n\nevent: response.created"),
    (COMPLETIONS, b"data: [DONE]\n\n", b""),
    (COMPLETIONS, b'"finish_reason":"stop"', b'"finish_reason":null'),
    (COMPLETIONS, b'"choices":[],', b'"choices":[{"index":0,"text":"","finish_reason":null}],'),
    (COMPLETIONS, b'"usage":null', b'"usage":{}'),
    (COMPLETIONS, b"text_completion", b"text"),
    *((path, b'"done":true', b'"done":false') for path in (*OLLAMA, *NATIVE)),
    *((path, b"\n", b"\r\n") for path in (*OLLAMA, *NATIVE)),
    *((path, b"Hello", b"\xe2\x80\xa8") for path in (*OLLAMA, *NATIVE)),
    ("/api/chat", b'"created_at":"', b'"created_at":"on '),
    ("/api/chat", b'"eval_count"', b'"count"'),
    ("/api/chat", b'"total_duration":', b'"total_duration":-'),
    ("/api/v1/chat", b'"usage"', b'"used"'),
]


def checked(path: str, data: bytes) -> None:
    if path == RESPONSES:
        response_of(data)
    elif path == COMPLETIONS:
        texts_of(data, 1, usage=True)
    elif path in OLLAMA:
        strict_lines.of_ollama(data)
    else:
        strict_lines.of_native(data)


@pytest.mark.parametrize(("path", "good", "broken"), BREAKS)
def test_a_broken_rule_is_seen(
    streams: Mapping[tuple[str, str], bytes], path: str, good: bytes, broken: bytes
) -> None:
    data = streams[path, "plain"]
    assert good in data
    with pytest.raises((AssertionError, ValueError, KeyError)):
        checked(path, data.replace(good, broken))
