from dataclasses import replace

import httpx2
import openai
import pytest
from starlette.testclient import TestClient

from tests.web.asking import CHAT, body
from tests.web.conftest import LAN, application, serving
from tests.web.limits.conftest import SMALL, key
from tests.web.openai.test_sdk import listening
from trinax.settings import Limits, Settings

SEARCH = {"query": "lamp"}


def standing(answer: httpx2.Response) -> list[str]:
    names = ("limit", "remaining", "reset")
    return [answer.headers.get(f"x-ratelimit-{name}", "") for name in names]


def test_every_answer_tells_how_the_client_stands(settings: Settings) -> None:
    with serving(settings, client=LAN) as http:
        assert standing(http.post(CHAT, json=body())) == ["30", "29", "2"]
        assert standing(http.get("/v1/models")) == ["100", "99", "1"]
        assert standing(http.post("/v1/search", json=SEARCH)) == ["600", "599", "1"]
        assert standing(http.get("/health")) == ["", "", ""]


def test_a_stream_tells_it_too(settings: Settings) -> None:
    with serving(settings, client=LAN) as http:
        assert standing(http.post(CHAT, json=body(stream=True))) == ["30", "29", "2"]


def test_what_is_too_much_is_refused_with_the_time_to_wait(settings: Settings) -> None:
    with serving(replace(settings, limits=SMALL), client=LAN) as http:
        assert [http.post(CHAT, json=body()).status_code for _ in range(3)] == [200, 200, 429]
        refused = http.post(CHAT, json=body())
    assert refused.headers["retry-after"] in ("29", "30")
    assert standing(refused)[:2] == ["2", "0"]
    assert refused.json()["error"]["code"] == "rate_limited"
    assert "try again in" in refused.json()["error"]["message"]


def test_ollamas_clients_read_it_as_a_text(settings: Settings) -> None:
    with serving(replace(settings, limits=SMALL), client=LAN) as http:
        for _ in range(3):
            refused = http.post("/api/chat", json=body(stream=False))
    assert refused.status_code == 429
    assert refused.headers["retry-after"] in ("29", "30")
    assert refused.json()["error"].startswith("These are more than 2 requests a minute")


def test_shapes_of_chat_and_research_are_counted_together(settings: Settings) -> None:
    trusted = replace(settings.access, lan="trusted")
    asked = [(CHAT, body()), ("/v1/research", SEARCH), ("/v1/responses", {"input": "lamp"})]
    with serving(replace(settings, limits=SMALL, access=trusted), client=LAN) as http:
        assert [http.post(path, json=sent).status_code for path, sent in asked] == [200, 200, 429]


def test_searching_is_counted_apart_from_chat(settings: Settings) -> None:
    with serving(replace(settings, limits=SMALL), client=LAN) as http:
        searched = [http.post("/v1/search", json=SEARCH).status_code for _ in range(4)]
        assert searched == [200, 200, 200, 429]
        assert http.post(CHAT, json=body()).status_code == 200


def test_this_machine_may_ask_at_every_keystroke(settings: Settings) -> None:
    with serving(replace(settings, limits=SMALL)) as http:
        answers = [http.post(CHAT, json=body()) for _ in range(10)]
    assert {answer.status_code for answer in answers} == {200}
    assert standing(answers[-1]) == ["", "", ""]


def test_a_key_has_its_own_limit_on_this_machine_too(settings: Settings) -> None:
    settings = replace(settings, limits=SMALL)
    headers = key(settings)
    with serving(settings) as http:
        sent = [http.post(CHAT, json=body(), headers=headers).status_code for _ in range(5)]
    assert sent == [200, 200, 200, 200, 429]


def test_a_refused_credential_costs_nothing(settings: Settings) -> None:
    with serving(replace(settings, limits=SMALL), client=LAN) as http:
        for _ in range(5):
            assert http.get("/v1/sources?collection=demo").status_code == 401
        assert http.post("/v1/search", json=SEARCH).status_code == 200


def test_a_page_may_read_how_it_stands(settings: Settings) -> None:
    with serving(settings, client=LAN) as http:
        answer = http.get("/v1/models", headers={"origin": "http://localhost:3334"})
    assert "x-ratelimit-remaining" in answer.headers["access-control-expose-headers"]


def test_a_session_counts_beside_the_address(settings: Settings) -> None:
    proxied = replace(settings.access, trusted_proxies=(LAN,))
    limits = Limits(answers_per_minute=0, calls_per_minute=2)
    with serving(replace(settings, limits=limits, access=proxied), client=LAN) as http:
        statuses = [_models(http, f"192.168.7.{number}") for number in range(3)]
    assert statuses == [200, 200, 429]


def _models(http: TestClient, address: str) -> int:
    headers = {"x-forwarded-for": address, "x-trinax-session": "page-12345678"}
    return http.get("/v1/models", headers=headers).status_code


@pytest.mark.slow
def test_the_sdk_waits_as_long_as_told_and_is_answered(settings: Settings) -> None:
    limits = Limits(answers_per_minute=60, loopback=True)
    with (
        listening(application(replace(settings, limits=limits))) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="sk-any", max_retries=2) as client,
    ):
        for _ in range(62):
            client.chat.completions.create(
                model="auto", messages=[{"role": "user", "content": "Who keeps it?"}]
            )
