import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.web.conftest import folders, serving
from trinax.access import keys
from trinax.access.keyring import FILE, Keyring
from trinax.access.keys import Key
from trinax.access.scopes import ALL
from trinax.settings import Limits, Settings

# These tests ask more than anybody may in a minute.
NO_LIMITS = Limits(answers_per_minute=0, calls_per_minute=0, reads_per_minute=0)
KEY = Key("key_1", "script", "", "", ALL, None, None, "", int(time.time()))


def key(settings: Settings, **fields: object) -> dict[str, str]:
    """The headers of a new key in the data folder, which is KEY but for some fields."""
    secret = keys.new_secret()
    fields = {"id": keys.new_id(), "name": keys.new_id()} | fields
    made = replace(KEY, digest=keys.digest(secret), **fields)  # type: ignore[arg-type]
    settings.data_dir.mkdir(exist_ok=True)
    with closing(Keyring(settings.data_dir / FILE)) as keyring:
        keyring.add(made)
    return {"authorization": f"Bearer {secret}"}


@dataclass(frozen=True, slots=True)
class House:
    """A server with the collections "demo" and "vault", and headers of a key that is limited to
    the first."""

    http: TestClient
    limited: dict[str, str]
    settings: Settings


def first_refused(http: TestClient) -> None:
    """The thread of the audit log begins with its first event."""
    http.get("/health", headers={"x-api-key": keys.PREFIX})


@contextmanager
def opened(base: Path) -> Iterator[House]:
    settings = replace(folders(base), limits=NO_LIMITS)
    vault = base / "collections" / "vault"
    vault.mkdir()
    (vault / "burrow.md").write_text("# Burrow\n\nThe lamp of Zanzibar is lit by the keeper.\n")
    with serving(settings) as http:
        first_refused(http)
        yield House(http, key(settings, collections=frozenset({"demo"})), settings)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("base")) as house:
        yield house
