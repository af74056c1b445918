"""Every route × credential × client × house: what the server does is what the rules say."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route, compile_path
from starlette.testclient import TestClient

from tests.hardening.asking import Sent, answered
from tests.hardening.rules import DECISIONS, EVERYTHING, Client, Credential, House, verdict
from tests.web.conftest import application, folders
from trinax.access.keyring import FILE, Keyring
from trinax.access.keys import SHOWN_CHARACTERS, Key, digest, new_id, new_secret
from trinax.access.scopes import ALL, Scope
from trinax.settings import Access, Limits

TOKEN = "the-admin-token"
HOUSES = (House(), House(lan_is_trusted=True), House(require_key=True))
CLIENTS = (
    Client("127.0.0.1", "loopback"),
    Client("::1", "loopback", "http://localhost:3000", "loopback"),
    Client("127.0.0.1", "loopback", "http://192.168.1.9", "lan"),
    Client("127.0.0.1", "loopback", "https://example.com", "elsewhere"),
    Client("::ffff:192.168.1.20", "lan"),
    Client("10.0.0.9", "lan", "http://localhost:3000", "loopback"),
    Client("10.0.0.9", "lan", "https://example.com", "elsewhere"),
    Client("8.8.8.8", "elsewhere"),
    Client("8.8.8.8", "elsewhere", "http://localhost:3000", "loopback"),
    Client(None, "elsewhere"),
)
NOW_S = int(time.time())
Server = tuple[Starlette, TestClient, list[Credential]]


@pytest.fixture(scope="module", params=HOUSES, ids=["open", "trusted", "closed"])
def house(request: pytest.FixtureRequest) -> House:
    house: House = request.param
    return house


@pytest.fixture(scope="module")
def server(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("house")
    access = Access(
        admin_token=TOKEN,
        require_key=house.require_key,
        lan="trusted" if house.lan_is_trusted else "open",
    )
    unlimited = Limits(answers_per_minute=0, reads_per_minute=0, calls_per_minute=0)
    settings = replace(folders(folder), access=access, limits=unlimited)
    settings.data_dir.mkdir(parents=True)
    app = application(settings)
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000)) as http:
        yield app, http, _credentials(settings.data_dir)


def _credentials(data_dir: Path) -> list[Credential]:
    keyring = Keyring(data_dir / FILE)
    scoped = [_key(keyring, frozenset({scope})) for scope in sorted(ALL - {"admin"})]
    revoked, expired = _key(keyring, ALL, revoked_s=1), _key(keyring, ALL, expires_s=NOW_S - 1)
    keyring.close()
    return [
        Credential("none"),
        Credential("an editor's", ((b"authorization", b"Bearer sk-none"),)),
        Credential("admin token", ((b"x-admin-token", TOKEN.encode()),), scopes=EVERYTHING),
        Credential("wrong token", ((b"x-admin-token", b"guess"),), wrong=True),
        Credential("malformed key", ((b"x-api-key", b"trx_short"),), wrong=True),
        Credential("unknown key", ((b"api-key", new_secret().encode()),), wrong=True),
        replace(revoked, name="revoked key", wrong=True),
        replace(expired, name="expired key", wrong=True),
        _key(keyring, frozenset({"admin"})),
        *scoped,
    ]


def _key(
    keyring: Keyring,
    scopes: frozenset[Scope],
    revoked_s: int | None = None,
    expires_s: int | None = None,
) -> Credential:
    secret, id = new_secret(), new_id()
    keyring.add(
        Key(
            id=id,
            name=id,
            prefix=secret[:SHOWN_CHARACTERS],
            digest=digest(secret),
            scopes=scopes,
            collections=None,
            models=None,
            plan="",
            created_s=NOW_S,
            expires_s=expires_s,
            revoked_s=revoked_s,
        )
    )
    bearer = (b"authorization", f"Bearer {secret}".encode())
    held = EVERYTHING if "admin" in scopes else scopes
    return Credential(f"key for {', '.join(sorted(scopes))}", (bearer,), scopes=held)


def test_every_route_has_a_decision(server: Server) -> None:
    app, _, _ = server
    routes = [route for route in app.routes if isinstance(route, Route)]
    found = {(method, route.path) for route in routes for method in route.methods or ()}
    assert {each for each in found if each[0] != "HEAD"} == {*DECISIONS}


@pytest.mark.slow
@pytest.mark.parametrize("route", DECISIONS, ids=" ".join)
def test_a_route_lets_through_whom_the_rules_let_through(
    server: Server, house: House, route: tuple[str, str]
) -> None:
    app, http, credentials = server
    assert http.portal is not None
    method, path = route
    wrong = []
    for credential in credentials:
        for client in CLIENTS:
            sent = _sent(method, path, credential, client)
            status = http.portal.call(answered, app, sent).status
            due = verdict(method, DECISIONS[route], credential, client, house)
            if (status if status in (401, 403) else None) != due:
                wrong.append((credential.name, client, status, due))
    assert wrong == []


def _sent(method: str, path: str, credential: Credential, client: Client) -> Sent:
    """An empty body is refused behind the gate, so that nothing is done that takes time."""
    _, path_format, parameters = compile_path(path)
    place = path_format.format(**dict.fromkeys(parameters, "demo"))
    headers = [(b"content-type", b"application/json"), (b"host", b"127.0.0.1")]
    if client.origin:
        headers.append((b"origin", client.origin.encode()))
    body = b"{}" if method == "POST" else b""
    return Sent(
        method,
        place.encode(),
        headers=(*headers, *credential.headers),
        body=body,
        client=client.address,
    )
