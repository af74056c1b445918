import json
from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing, suppress
from typing import Any

import anyio
import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.testclient import TestClient
from starlette.types import Message

from tests.answering.writers import Endless, Parrot
from tests.web.asking import KEEPER, frames
from tests.web.conftest import serving
from trinax.access.policy import ALL, Caller
from trinax.answering.research.research import Research
from trinax.app import open_parts
from trinax.errors import Busy, ModelFailed
from trinax.models.catalogue.catalogue import Catalogue
from trinax.models.pool import Pool
from trinax.models.ports import Generation, GenerationEvent
from trinax.settings import Settings
from trinax.web.admission import VISIT, Admission, Visit
from trinax.web.declaring.body import Room
from trinax.web.middleware import CALLER
from trinax.web.research import Reports

RESEARCH = "/v1/research"
STRANGE = "What did the parliament of Iceland decide on whaling?"


def body(query: str = KEEPER, **fields: Any) -> dict[str, Any]:
    return {"query": query, **fields}


def deltas(told: list[Any]) -> str:
    return "".join(frame["delta"] for frame in told if "delta" in frame)


def steps(told: list[Any]) -> list[str]:
    return [frame["step"] for frame in told if "step" in frame]


def without_timing(report: Any) -> Any:
    return report | {"trinaxai": {**report["trinaxai"], "timing": {}}}


def test_a_report_has_exactly_the_promised_keys(http: TestClient) -> None:
    report = http.post(RESEARCH, json=body()).json()
    assert set(report) == {
        "answer", "sub_questions", "sources", "passes", "model", "grounding", "trinaxai"
    }  # fmt: skip
    assert set(report["trinaxai"]) == {
        "route", "depth", "planned_by", "finish_reason", "left_out", "timing"
    }  # fmt: skip
    assert report["trinaxai"]["depth"] == 2
    assert report["model"] == "trinax-extract"


def test_a_report_cites_its_sources_by_their_place(http: TestClient) -> None:
    report = http.post(RESEARCH, json=body(depth=1)).json()
    assert "Marta Lindqvist" in report["answer"]
    assert "[1]" in report["answer"]
    assert report["sources"][0]["file"] == "guide.md"
    assert [source["n"] for source in report["sources"]] == [
        place + 1 for place in range(len(report["sources"]))
    ]
    assert report["grounding"]["verdict"] in ("answered", "partial")


def test_depth_one_is_one_pass_with_the_query(http: TestClient) -> None:
    report = http.post(RESEARCH, json=body(depth=1)).json()
    assert (report["passes"], report["sub_questions"]) == (1, [KEEPER])
    assert report["trinaxai"]["planned_by"] == []


@pytest.mark.parametrize(
    ("depth", "clamped"), [(0, 1), (-7, 1), (99, 3), (2.0, 2), (None, 2), (3, 3)]
)
def test_depth_is_brought_into_its_range(http: TestClient, depth: Any, clamped: int) -> None:
    report = http.post(RESEARCH, json=body(depth=depth)).json()
    assert report["trinaxai"]["depth"] == clamped


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"query": " "}, "query"),
        ({"query": None}, "query"),
        ({"query": ["a"]}, "query"),
        ({"depth": 1.5}, "depth"),
        ({"depth": "2"}, "depth"),
        ({"depth": True}, "depth"),
        ({"collections": []}, "collections"),
        ({"collections": "demo"}, "collections"),
        ({"model": 7}, "model"),
    ],
)
def test_a_wrong_body_is_told_which_field(
    http: TestClient, stream: bool, fields: dict[str, Any], param: str
) -> None:
    answer = http.post(RESEARCH, json=body(stream=stream) | fields)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_stream_is_true_or_false(http: TestClient) -> None:
    answer = http.post(RESEARCH, json=body(stream="yes"))
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "stream")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"model": "gpt-9"}, "model_not_found"),
        ({"collections": ["demo", "nowhere"]}, "collection_not_found"),
    ],
)
def test_what_does_not_exist_keeps_its_status(
    http: TestClient, stream: bool, fields: dict[str, Any], code: str
) -> None:
    answer = http.post(RESEARCH, json=body(stream=stream) | fields)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, code)


def test_a_stream_is_steps_then_the_answer_then_the_whole(http: TestClient) -> None:
    answer = http.post(RESEARCH, json=body(stream=True, depth=3))
    assert answer.headers["content-type"].startswith("text/event-stream")
    *told, report, done = frames(answer.text)
    assert done == "[DONE]"
    assert steps(told)[0] == "plan"
    assert steps(told)[-1] == "write"
    assert steps(told).count("retrieve") == report["passes"]
    assert ["delta" in frame for frame in told] == sorted("delta" in frame for frame in told)
    assert deltas(told) == report["answer"]
    planned = [frame for frame in told if frame.get("step") == "plan"][-1]
    assert planned["sub_questions"] == report["sub_questions"]


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("query", [KEEPER, STRANGE, "灯塔的看守人是谁？"])
def test_a_stream_says_the_same_as_a_whole_report(http: TestClient, depth: int, query: str) -> None:
    whole = http.post(RESEARCH, json=body(query, depth=depth)).json()
    *_, report, _ = frames(http.post(RESEARCH, json=body(query, depth=depth, stream=True)).text)
    assert without_timing(report) == without_timing(whole)


def test_nothing_found_is_said_so(http: TestClient) -> None:
    report = http.post(RESEARCH, json=body(STRANGE)).json()
    assert report["answer"] == "Nothing in your collections answers this."
    assert report["sources"] == []
    assert report["grounding"]["verdict"] == "insufficient"
    assert report["passes"] >= 1


def test_only_the_named_collections_are_searched(fresh: TestClient, settings: Settings) -> None:
    other = settings.collections_dir / "other"
    other.mkdir()
    (other / "fog.md").write_text("The foghorn is sounded by Ole Berg.\n")
    fresh.post("/v1/collections", json={"id": "other", "root": str(other)})
    report = fresh.post(RESEARCH, json=body(depth=3, collections=["demo"])).json()
    assert {source["collection_id"] for source in report["sources"]} == {"demo"}


@pytest.mark.parametrize("stream", [False, True])
def test_others_on_the_network_may_not(lan: TestClient, stream: bool) -> None:
    assert lan.post(RESEARCH, json=body(stream=stream)).status_code == 401
    admin = {"X-Admin-Token": "s3cret"}
    assert lan.post(RESEARCH, json=body(stream=stream), headers=admin).status_code == 200


def test_a_model_writes_and_invented_citations_are_taken_out(settings: Settings) -> None:
    with serving(settings, Parrot("The keeper is Marta Lindqvist [1], they say [77].")) as http:
        report = http.post(RESEARCH, json=body()).json()
    assert report["answer"] == "The keeper is Marta Lindqvist [1], they say."
    assert report["model"] == "parrot"
    assert report["trinaxai"]["planned_by"] == ["rules"]


def test_a_failure_while_writing_is_the_status_or_the_last_frame(settings: Settings) -> None:
    broken = Parrot("one two", failure=ModelFailed("parrot", "it broke"), fails_after=1)
    with serving(settings, broken) as http:
        assert http.post(RESEARCH, json=body()).status_code == 503
        *told, last = frames(http.post(RESEARCH, json=body(stream=True)).text)
    assert steps(told)[-1] == "write"
    assert last["error"]["code"] == "model_failed"


@pytest.mark.parametrize("stream", [False, True])
def test_an_overlong_query_keeps_its_status(settings: Settings, stream: bool) -> None:
    with serving(settings, Parrot("yes", context_tokens=400)) as http:
        asked = body(KEEPER + " lamp" * 500, stream=stream, model="parrot")
        answer = http.post(RESEARCH, json=asked)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "context_length_exceeded")
    assert error["param"] == "query"


def test_a_busy_model_is_told_with_its_status(settings: Settings) -> None:
    with serving(settings, Parrot("one", failure=Busy("The model", 3))) as http:
        answer = http.post(RESEARCH, json=body())
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")


@pytest.mark.parametrize(
    "query", ["lamp " * 4000, "(" * 5000, "灯" * 3000, "\u0000\u202e", "🪔", "<passage n='1'>"]
)
def test_strange_queries_are_answered(http: TestClient, query: str) -> None:
    answer = http.post(RESEARCH, json=body(query, depth=3))
    assert answer.status_code == 200, answer.text
    json.dumps(answer.json())


class Toiling(Endless):
    """Tells when it has begun."""

    def __init__(self) -> None:
        super().__init__("")
        self.begun = anyio.Event()

    async def generate(self, generation: Generation) -> AsyncGenerator[GenerationEvent]:
        self.begun.set()
        async with aclosing(super().generate(generation)) as events:
            async for event in events:
                yield event


class Leaving:
    """A client that sends its body, and goes away once the model is at work."""

    def __init__(self, body: dict[str, Any], model: Toiling) -> None:
        caller = Caller("loopback", ALL)
        self.scope = {
            "type": "http",
            "method": "POST",
            "headers": [],
            "state": {"request_id": "r"},
            CALLER: caller,
            VISIT: Visit(Admission(Settings()), caller, ExitStack()),
        }
        self._body = json.dumps(body).encode()
        self._model = model

    async def receive(self) -> Message:
        if self._body:
            body, self._body = self._body, b""
            return {"type": "http.request", "body": body, "more_body": False}
        await self._model.begun.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """What is sent does not matter to it."""


@pytest.mark.parametrize("depth", [1, 3], ids=["writing", "planning"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_goes_away_stops_the_model(
    settings: Settings, stream: bool, depth: int
) -> None:
    endless = Toiling()
    client = Leaving(body(stream=stream, depth=depth), endless)
    async with open_parts(settings) as parts:
        await parts.ingest.reconcile()
        pool = Pool(Catalogue(settings.models_dir), settings.models, [endless])
        unfinished = parts.ingest.unfinished
        research = Research(parts.reach, parts.registry, pool, settings, unfinished)
        with suppress(ClientDisconnect):
            (reported,) = Reports(research).operations()
            answer = await reported.route(Room(1000)).endpoint(
                Request(client.scope, client.receive)
            )
            await answer(client.scope, client.receive, client.send)
    assert endless.stopped.is_set()
    assert len(endless.generations) == 1
