import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from tests.web.access.conftest import House, key
from tests.web.asking import CHAT, body
from tests.web.conftest import LAN, serving
from trinax.access import keys
from trinax.access.keyring import FILE, Keyring
from trinax.settings import Access, Settings

SEARCH = {"query": "lamp"}
CLOSED = Access(require_key=True, admin_token_file="token")
WRONG = [
    {"authorization": "Bearer trx_nobody"},
    {"x-api-key": keys.new_secret()},
    {"api-key": keys.new_secret()[:-1]},
    {"x-admin-token": "wrong"},
]


@contextmanager
def closed(settings: Settings, client: str = LAN) -> Iterator[TestClient]:
    (settings.base / "token").write_text("s3cret\n")
    with serving(replace(settings, access=CLOSED), client=client) as http:
        yield http


@pytest.mark.parametrize("headers", WRONG)
@pytest.mark.parametrize("path", ["/health", "/v1/models", "/nowhere", "/"])
def test_a_wrong_credential_is_refused_on_every_path(
    house: House, path: str, headers: dict[str, str]
) -> None:
    answer = house.http.get(path, headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_key_narrows_on_this_machine_too(house: House) -> None:
    headers = key(house.settings, scopes=frozenset({"search"}))
    assert house.http.post("/v1/search", json=SEARCH, headers=headers).status_code == 200
    refused = house.http.post(CHAT, json=body(), headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")


def test_a_key_opens_what_is_closed_to_the_lan(settings: Settings) -> None:
    with serving(settings, client=LAN) as http:
        headers = key(settings)
        assert http.get("/v1/collections").status_code == 401
        assert http.get("/v1/collections", headers=headers).status_code == 200


def test_a_required_key_is_required_from_everywhere(settings: Settings) -> None:
    for client in (LAN, "127.0.0.1", "203.0.113.9"):
        with closed(settings, client) as http:
            editors = {"authorization": "Bearer sk-anything"}
            assert http.post("/v1/search", json=SEARCH).status_code == 401
            assert http.post("/v1/search", json=SEARCH, headers=editors).status_code == 401
            assert http.post("/v1/search", json=SEARCH, headers=key(settings)).status_code == 200
            assert http.get("/health").status_code == 200


def test_the_admin_token_is_read_from_its_file(settings: Settings) -> None:
    with closed(settings) as http:
        assert http.get("/v1/collections", headers={"x-admin-token": "s3cret"}).status_code == 200


def test_a_preflight_needs_no_key(settings: Settings) -> None:
    with closed(settings) as http:
        asked = {"origin": "http://localhost:3000", "access-control-request-method": "POST"}
        assert http.options("/v1/search", headers=asked).status_code == 204


def test_the_last_use_is_kept(house: House) -> None:
    headers = key(house.settings, name="used", id="key_used")
    assert house.http.get("/v1/models", headers=headers).status_code == 200
    with closing(Keyring(house.settings.data_dir / FILE)) as keyring:
        assert abs((keyring.named("used").used_s or 0) - time.time()) < 60


def test_a_key_that_was_revoked_elsewhere_ends_within_a_second(house: House) -> None:
    headers = key(house.settings, name="revoked")
    assert house.http.get("/v1/models", headers=headers).status_code == 200
    with closing(Keyring(house.settings.data_dir / FILE)) as keyring:
        keyring.revoke("revoked", int(time.time()))
    deadline = time.monotonic() + 1
    while house.http.get("/v1/models", headers=headers).status_code != 401:
        assert time.monotonic() < deadline


def test_a_file_of_keys_that_is_broken_opens_nothing(settings: Settings) -> None:
    headers = key(settings)
    (settings.data_dir / FILE).write_bytes(b"broken" * 1000)
    with serving(settings) as http:
        answer = http.get("/v1/models", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "keys_failed")
        assert http.get("/v1/models").status_code == 200
