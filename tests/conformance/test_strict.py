"""The bytes of every streamed case keep every rule, and the check sees a rule that is broken."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.conformance.cases import ANSWERS, CASES, FAILURES, Case
from tests.conformance.strict import Stream, stream_of

pytestmark = pytest.mark.slow

LIMIT_S = 60.0
AT_ONCE = 12
CHAT = "/v1/chat/completions"
# What a stream must look like, to be broken in one place each.
GOOD = (
    b'data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":'
    b'[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}'
    b"\n\n"
    b": keep-alive\n\n"
    b'data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":'
    b'[{"index":0,"delta":{"content":"x"},"logprobs":null,"finish_reason":null}]}'
    b"\n\n"
    b'data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":'
    b'[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}'
    b"\n\n"
    b'data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[],'
    b'"trinaxai_sources":[],"trinaxai":{"route":{},"grounding":{},"timing":{}}}'
    b"\n\n"
    b"data: [DONE]\n\n"
)
BREAKS: Mapping[str, tuple[bytes, bytes]] = {
    "CRLF": (b"\n\n", b"\r\n\r\n"),
    "an event name": (b'data: {"id":"a"', b'event: chunk\ndata: {"id":"a"'),
    "an id": (b'data: {"id":"a"', b'id: 1\ndata: {"id":"a"'),
    "a ping": (b": keep-alive", b": ping"),
    "no DONE": (b"data: [DONE]\n\n", b""),
    "no end of the last event": (b"[DONE]\n\n", b"[DONE]\n"),
    "a frame that lacks its model": (b'"model":"m","choices":[],', b'"choices":[],'),
    "another id": (
        b'"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[],',
        b'"b","object":"chat.completion.chunk","created":1,"model":"m","choices":[],',
    ),
    "no role": (b'"role":"assistant",', b""),
    "a role twice": (b'{"content":"x"}', b'{"content":"x","role":"assistant"}'),
    "no finish reason": (b'"finish_reason":"stop"', b'"finish_reason":null'),
    "two finish reasons": (
        b'"x"},"logprobs":null,"finish_reason":null',
        b'"x"},"logprobs":null,"finish_reason":"stop"',
    ),
    "no sources": (b'"trinaxai_sources":[],', b""),
    "no grounding": (b'"grounding":{},', b""),
    "usage unasked": (b'"trinaxai_sources"', b'"usage":null,"trinaxai_sources"'),
    "a line end of Unicode": (b'"x"', b'"\xe2\x80\xa8"'),
    "no last frame": (GOOD[GOOD.rindex(b"data: {") : -len(b"data: [DONE]\n\n")], b""),
    "two last frames": (
        GOOD[GOOD.rindex(b"data: {") : -len(b"data: [DONE]\n\n")],
        2 * GOOD[GOOD.rindex(b"data: {") : -len(b"data: [DONE]\n\n")],
    ),
}


def asked(case: Case, **more: Any) -> dict[str, Any]:
    told = case.asked()
    messages = [{"role": "user", "content": told["question"]}]
    return {"model": told["model"], "messages": messages, "stream": True, **told["fields"], **more}


def headers(case: Case) -> dict[str, str]:
    return {"authorization": f"Bearer {case.key}", "x-request-id": case.name}


def ask(url: str, case: Case, usage: bool) -> httpx.Response:
    more = {"stream_options": {"include_usage": True}} if usage else {}
    body = asked(case, **more)
    return httpx.post(url + CHAT, json=body, headers=headers(case), timeout=LIMIT_S)


@pytest.fixture(scope="session")
def streams(url: str) -> Mapping[tuple[str, bool], httpx.Response]:
    """Of each case, without and with usage; all at once, for some of them are long silences."""
    jobs = [(case, usage) for case in ANSWERS for usage in (False, True)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        responses = pool.map(lambda job: ask(url, *job), jobs)
        return {
            (case.name, usage): response
            for (case, usage), response in zip(jobs, responses, strict=True)
        }


@pytest.mark.parametrize("usage", [True, False], ids=["usage", "no-usage"])
@pytest.mark.parametrize("case", ANSWERS, ids=lambda case: case.name)
def test_a_stream_keeps_every_rule(
    streams: Mapping[tuple[str, bool], httpx.Response], case: Case, usage: bool
) -> None:
    response = streams[case.name, usage]
    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == "text/event-stream"
    assert response.headers["x-request-id"] == case.name
    assert "no-store" in response.headers["cache-control"]
    stream = stream_of(response.content, case.fields.get("n", 1), usage)
    assert stream.failure is None
    assert tuple(texts(stream)) == case.heard.texts
    silent = case.name.startswith("silence")
    assert bool(stream.comments) == silent
    if usage:
        assert case.heard.usage is not None
        counts = stream.last["usage"]
        assert (counts["prompt_tokens"], counts["completion_tokens"]) == (
            case.heard.usage.prompt,
            case.heard.usage.completion,
        )


def texts(stream: Stream) -> list[str]:
    said: dict[int, str] = {}
    for frame in stream.frames:
        for choice in frame["choices"]:
            text = choice["delta"].get("content") or ""
            said[choice["index"]] = said.get(choice["index"], "") + text
    return [said[index] for index in sorted(said)]


@pytest.mark.parametrize("streamed", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("case", FAILURES, ids=lambda case: case.name)
def test_a_failure_has_its_status_or_ends_the_stream(url: str, case: Case, streamed: bool) -> None:
    body = asked(case, stream=streamed)
    response = httpx.post(url + CHAT, json=body, headers=headers(case), timeout=LIMIT_S)
    due = (case.heard if streamed else case.whole or case.heard).failure
    assert due is not None
    if due.status:
        assert response.status_code == due.status
        assert response.headers["content-type"] == "application/json"
        assert response.headers.get("retry-after", "") == due.retry_after
        failure = response.json()["error"]
    else:
        failure = stream_of(response.content, 1, usage=False).failure
    assert response.headers["x-request-id"] == case.name
    assert (failure["code"], failure["param"] or "") == (due.code, due.param)
    assert due.message in failure["message"]


def test_names_of_cases_are_told_apart() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_a_good_stream_passes() -> None:
    assert stream_of(GOOD, 1, usage=False).comments == ["keep-alive"]


@pytest.mark.parametrize("rule", BREAKS)
def test_a_broken_rule_is_seen(rule: str) -> None:
    good, broken = BREAKS[rule]
    assert good in GOOD
    with pytest.raises((AssertionError, ValueError)):
        stream_of(GOOD.replace(good, broken), 1, usage=False)
