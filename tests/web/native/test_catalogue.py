from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from starlette.testclient import TestClient

from tests.answering.writers import Parrot
from tests.web.asking import body
from tests.web.conftest import application, serving
from tests.web.native.asking import CHAT, QUEUE
from tests.web.native.conftest import installed
from tests.web.openai.test_sdk import listening
from trinax.models.ports import Load
from trinax.settings import Access, Settings, Upstream

MODELS = "/api/v1/models"
UPSTREAM = Upstream("http://127.0.0.1:9/v1", models={"box": "a", "cloud": "b"}, paid=("cloud",))


class Crowded(Parrot):
    def load(self) -> Load:
        places = {"192.168.1.50": 2}
        return Load(self.info.id, running=8, waiting=3, capacity=8, wait_s=12.345, places=places)


def test_models_that_can_be_asked_are_listed(http: TestClient) -> None:
    models = {each["id"]: each for each in http.get(MODELS).json()["models"]}
    assert next(iter(models)) == "auto"
    assert models["counting"] == {
        "id": "counting",
        "tier": "free",
        "kind": "generate",
        "context_length": 4096,
        "roles": ["fast"],
        "capabilities": ["completion", "chat", "tools"],
    }
    listed = [each["id"] for each in http.get("/v1/models").json()["data"]]
    assert [*models] == listed


def test_a_broken_model_is_not_listed(settings: Settings) -> None:
    settings.models_dir.mkdir(parents=True)
    (settings.models_dir / "broken.gguf").write_bytes(b"no")
    with serving(settings) as http:
        assert "broken" not in str(http.get(MODELS).json())
        assert "broken" not in str(http.get(QUEUE).json())


def test_what_costs_money_elsewhere_is_paid_for(settings: Settings) -> None:
    with serving(replace(settings, upstreams={"box": UPSTREAM})) as http:
        tiers = {each["id"]: each["tier"] for each in http.get(MODELS).json()["models"]}
    assert (tiers["box"], tiers["cloud"], tiers["trinax-extract"]) == ("free", "paid", "free")


@pytest.mark.parametrize(("address", "place"), [("192.168.1.50", 2), ("192.168.1.51", None)])
def test_the_queue_of_each_model_is_told(
    settings: Settings, address: str, place: int | None
) -> None:
    with serving(settings, Crowded(""), client=address) as http:
        models = http.get(QUEUE).json()["models"]
    assert models == [
        {
            "model": "parrot",
            "running": 8,
            "waiting": 3,
            "capacity": 8,
            "estimated_wait_s": 12.3,
            "position": place,
        }
    ]


def test_models_that_nobody_has_asked_yet_have_a_queue_too(tmp_path: Path) -> None:
    with serving(installed(tmp_path)) as http:
        models = http.get(QUEUE).json()["models"]
    assert [each["model"] for each in models] == [
        "counting",
        "endless",
        "filling",
        "trinax-extract",
    ]
    assert {(each["running"], each["waiting"]) for each in models} == {(0, 0)}
    assert [each["capacity"] for each in models[:3]] == [1, 1, 1]


class Person:
    """Asks from an address of the LAN, through a proxy on this machine."""

    def __init__(self, http: httpx.AsyncClient, address: str) -> None:
        self._http = http
        self._headers = {"x-forwarded-for": address}

    async def asks(self) -> None:
        await self._http.post(CHAT, json=endless(), headers=self._headers)

    @asynccontextmanager
    async def reads(self) -> AsyncIterator[None]:
        """Is being answered meanwhile."""
        asked = endless(stream=True)
        request = self._http.stream("POST", CHAT, json=asked, headers=self._headers)
        async with request as answer:
            lines = answer.aiter_lines()  # closes the connection when it is dropped
            await anext(lines)
            yield

    async def place(self) -> Any:
        models = (await self._http.get(QUEUE, headers=self._headers)).json()["models"]
        return next(each["position"] for each in models if each["model"] == "endless")


def endless(**fields: Any) -> dict[str, Any]:
    return body(model="endless", max_tokens=3000, ignore_eos=True, **fields)


@pytest.mark.slow
async def test_everybody_is_told_their_own_place(tmp_path: Path) -> None:
    settings = replace(installed(tmp_path), access=Access(trusted_proxies=("127.0.0.1",)))
    with listening(application(settings)) as url:
        async with httpx.AsyncClient(base_url=url, timeout=60) as http:
            people = [Person(http, f"192.168.1.{number}") for number in range(3)]
            async with people[0].reads(), anyio.create_task_group() as tasks:
                for number, person in enumerate(people[1:], 1):
                    tasks.start_soon(person.asks)
                    while await person.place() != number:
                        pass
                assert [await person.place() for person in people] == [None, 1, 2]
                tasks.cancel_scope.cancel()


@pytest.mark.parametrize("path", [MODELS, QUEUE])
@pytest.mark.parametrize("address", ["127.0.0.1", "192.168.1.50"])
def test_it_is_as_public_as_chat(settings: Settings, path: str, address: str) -> None:
    with serving(settings, client=address) as http:
        assert http.get(path).status_code == 200
