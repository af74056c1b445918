from dataclasses import replace

import anyio
import httpx
import pytest
from starlette.testclient import TestClient

from tests.answering.writers import Parrot
from tests.web.asking import CHAT, KEEPER, body, frames
from tests.web.conftest import LAN, application, serving
from tests.web.limits.conftest import PLANS, Cloud, key, keyed
from tests.web.listening import listening
from trinax.errors import ModelFailed
from trinax.settings import Limits, Settings
from trinax.web.connection import Configuration

QUEUE = "/api/v1/queue-status"
PAID = body(model="cloud")
FAILURE = ModelFailed("cloud", "it is down")


def codes(http: TestClient, times: int, path: str = CHAT) -> list[int]:
    return [http.post(path, json=PAID).status_code for _ in range(times)]


def left(http: TestClient, good: str = "paid") -> list[int]:
    return [each["remaining"] for each in http.get(QUEUE).json()["plan"][good]]


def test_a_paid_model_is_counted_by_day_and_week(plans: Settings) -> None:
    with keyed(plans, "pro", Cloud()) as http:
        assert left(http) == [3, 10]
        assert codes(http, 4) == [200, 200, 200, 429]
        refused = http.post(CHAT, json=PAID)
        assert left(http) == [0, 7]
    assert refused.json()["error"]["code"] == "quota_exceeded"
    assert 0 < int(refused.headers["retry-after"]) <= 24 * 3600
    assert refused.headers["x-ratelimit-limit"] == "3"


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        (CHAT, body(model="cloud", stream=True)),
        ("/task/v1/chat/completions", PAID),
        ("/v1/responses", {"model": "cloud", "input": KEEPER}),
        ("/v1/completions", {"model": "cloud", "prompt": "Once"}),
        ("/api/v1/chat", PAID),
        ("/api/v1/generate", {"model": "cloud", "prompt": KEEPER}),
        ("/api/chat", body(model="cloud", stream=False)),
        ("/api/generate", {"model": "cloud", "prompt": KEEPER, "stream": False}),
        ("/api/generate", {"model": "cloud", "prompt": KEEPER, "raw": True, "stream": False}),
    ],
)
def test_each_way_to_ask_counts_once(plans: Settings, path: str, sent: object) -> None:
    with keyed(plans, "pro", Cloud()) as http:
        assert http.post(path, json=sent).status_code == 200
        assert left(http) == [2, 9]


def test_research_counts_once(plans: Settings) -> None:
    headers = key(plans, plan="pro", scopes=frozenset({"research", "chat"}))
    with serving(plans, Cloud(), client=LAN) as http:
        http.headers.update(headers)
        asked = {"query": KEEPER, "model": "cloud", "depth": 3}
        assert http.post("/v1/research", json=asked).status_code == 200
        assert left(http) == [2, 9]


def test_a_restart_forgets_nothing(plans: Settings) -> None:
    headers = key(plans, plan="pro")
    for expected in ([200, 200], [200, 429]):
        with serving(plans, Cloud(), client=LAN) as http:
            http.headers.update(headers)
            assert codes(http, 2) == expected


def test_a_free_model_is_not_counted(plans: Settings) -> None:
    with keyed(plans, "pro", Cloud(), Parrot("Free of charge.")) as http:
        assert http.post(CHAT, json=body(model="parrot")).status_code == 200
        assert left(http) == [3, 10]


def test_a_plan_without_paid_models_gets_none(plans: Settings) -> None:
    with keyed(plans, "free", Cloud(), Parrot("Free of charge.")) as http:
        refused = http.post(CHAT, json=PAID)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
        answer = http.post(CHAT, json=body(model="auto"))
        assert answer.json()["trinaxai"]["route"]["model"] == "parrot"


def test_who_has_no_key_has_no_quota(plans: Settings) -> None:
    with serving(plans, Cloud()) as http:
        assert codes(http, 5) == [200] * 5
        assert http.get(QUEUE).json()["plan"] is None


@pytest.mark.parametrize("stream", [False, True])
def test_what_fails_before_its_first_word_is_not_counted(plans: Settings, stream: bool) -> None:
    with keyed(plans, "pro", Cloud(failure=FAILURE)) as http:
        for _ in range(5):
            answer = http.post(CHAT, json=body(model="cloud", stream=stream))
            assert answer.status_code == 503 or "error" in frames(answer.text)[-1]
        assert left(http) == [3, 10]


def test_a_stream_that_fails_later_is_counted(plans: Settings) -> None:
    with keyed(plans, "pro", Cloud(failure=FAILURE, fails_after=2)) as http:
        answer = http.post(CHAT, json=body(model="cloud", stream=True))
        assert "error" in frames(answer.text)[-1]
        assert left(http) == [2, 9]


def test_an_answer_that_never_came_is_not_counted(plans: Settings) -> None:
    with keyed(plans, "pro", Cloud(failure=FAILURE, fails_after=2)) as http:
        assert http.post(CHAT, json=PAID).status_code == 503
        assert left(http) == [3, 10]


def test_a_malformed_request_is_not_counted(plans: Settings) -> None:
    with keyed(plans, "pro", Cloud()) as http:
        assert http.post(CHAT, json={"model": "cloud", "messages": "?"}).status_code == 400
        assert left(http) == [3, 10]


def test_a_plan_takes_so_much_text(plans: Settings) -> None:
    rest = len("trinax-extract" + "user" + "user" + KEEPER)
    with keyed(plans, "pro") as http:
        said = [{"role": "user", "content": each} for each in ("x" * (1000 - rest), KEEPER)]
        asked = {"model": "trinax-extract", "messages": said}
        assert http.post(CHAT, json=asked).status_code == 200
        said[0]["content"] += "x"
        refused = http.post(CHAT, json=asked)
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "input_too_long")
    assert "holds 1001 characters" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/v1/embeddings", {"input": ["x" * 600, "x" * 600], "model": "auto"}),
        ("/v1/completions", {"prompt": [1] * 300}),
        ("/v1/search", {"query": "x" * 1001}),
        ("/v1/rerank", {"query": "x", "documents": ["x" * 1000]}),
    ],
)
def test_all_that_is_sent_counts_as_text(plans: Settings, path: str, sent: object) -> None:
    with keyed(plans, "pro") as http:
        assert http.post(path, json=sent).json()["error"]["code"] == "input_too_long"


def test_a_plan_that_is_not_there_is_told(plans: Settings) -> None:
    with keyed(plans, "gold") as http:
        refused = http.post(CHAT, json=body())
    assert refused.status_code == 403
    assert "'gold'" in refused.json()["error"]["message"]


@pytest.mark.slow
def test_fifty_are_fifty_however_many_ask_at_once(plans: Settings) -> None:
    fifty = replace(PLANS["pro"], paid_per_day=50, paid_per_week=1000)
    limits = Limits(calls_per_minute=0, queue_per_client=0, streams_per_client=0)
    settings = replace(plans, plans={"pro": fifty}, limits=limits)
    headers = key(settings, plan="pro")
    with listening(Configuration(application(settings, Cloud()), settings)) as port:
        statuses = anyio.run(at_once, f"http://127.0.0.1:{port}{CHAT}", headers)
    assert (statuses.count(200), statuses.count(429)) == (50, 150)


async def at_once(url: str, headers: dict[str, str]) -> list[int]:
    """What 200 requests are answered, each over a connection of its own."""
    connections = httpx.Limits(max_connections=200)
    statuses: list[int] = []

    async def ask() -> None:
        statuses.append((await http.post(url, json=PAID, headers=headers)).status_code)

    async with (
        httpx.AsyncClient(limits=connections, timeout=60, trust_env=False) as http,
        anyio.create_task_group() as tasks,
    ):
        for _ in range(200):
            tasks.start_soon(ask)
    return statuses
