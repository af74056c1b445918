from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.access.conftest import added
from tests.answering.writers import Parrot
from tests.web.conftest import LAN, folders, serving
from trinax.access.keyring import FILE, Keyring
from trinax.models.ports import Generator
from trinax.settings import Limits, Plan, Settings, Upstream

CLOUD = Upstream("http://127.0.0.1:9/v1", models={"cloud": "b"}, paid=("cloud",))
PLANS = {
    "free": Plan(),
    "pro": Plan("all", 1000, paid_per_day=3, paid_per_week=10, web_searches_per_day=2),
}
SMALL = Limits(answers_per_minute=2, calls_per_minute=4, reads_per_minute=3)


class Cloud(Parrot):
    """A model that costs money."""

    def __init__(self, text: str = "The keeper is Marta.", **known: Any) -> None:
        super().__init__(text, "cloud", **known)
        self.info = replace(self.info, paid=True)


@pytest.fixture
def plans(tmp_path: Path) -> Settings:
    """With plans and a model that costs money."""
    return replace(folders(tmp_path), plans=PLANS, upstreams={"box": CLOUD})


def key(settings: Settings, **fields: Any) -> dict[str, str]:
    """The header with a new key's secret."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with closing(Keyring(settings.data_dir / FILE)) as keyring:
        return {"x-api-key": added(keyring, **fields)}


@contextmanager
def keyed(settings: Settings, plan: str, *generators: Generator) -> Iterator[TestClient]:
    """A client on the LAN that sends a key of this plan."""
    headers = key(settings, plan=plan)
    with serving(settings, *generators, client=LAN) as http:
        http.headers.update(headers)
        yield http
