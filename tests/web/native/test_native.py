import pytest
from starlette.testclient import TestClient

from tests.answering.writers import Parrot
from tests.web.conftest import serving
from trinax.models.ports import Load
from trinax.settings import Settings

QUEUE = "/api/v1/queue-status"


class Crowded(Parrot):
    def load(self) -> Load:
        return Load(self.info.id, running=8, waiting=3, capacity=8, wait_s=12.345)


def test_the_queue_of_each_model_is_told(settings: Settings) -> None:
    with serving(settings, Crowded("")) as http:
        models = http.get(QUEUE).json()["models"]
    assert models == [
        {"model": "parrot", "running": 8, "waiting": 3, "capacity": 8, "estimated_wait_s": 12.3}
    ]


def test_nobody_waits_for_quotes(http: TestClient) -> None:
    (quoting,) = http.get(QUEUE).json()["models"]
    assert quoting["model"] == "trinax-extract"
    assert (quoting["running"], quoting["waiting"], quoting["estimated_wait_s"]) == (0, 0, 0.0)


@pytest.mark.parametrize("address", ["127.0.0.1", "192.168.1.50"])
def test_it_is_as_public_as_chat(settings: Settings, address: str) -> None:
    with serving(settings, client=address) as http:
        assert http.get(QUEUE).status_code == 200
