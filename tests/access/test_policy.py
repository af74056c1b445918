import time
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pytest

from tests.access.conftest import added
from trinax.access import keys, policy
from trinax.access.keyring import Keyring
from trinax.access.policy import ALL, Caller, Scope, check
from trinax.access.trust import Place
from trinax.errors import Forbidden, Unauthorized
from trinax.settings import Access

OPEN = Access()
GUARDED = Access(admin_token="s3cret")
NO_KEYS = Keyring(Path("is never opened"))
PLACES = get_args(Place)


def caller(
    place: Place, headers: Mapping[str, str], access: Access, keyring: Keyring = NO_KEYS
) -> Caller:
    return policy.caller(place, headers, access, keyring)


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def test_this_machine_may_do_everything() -> None:
    assert caller("loopback", {}, OPEN).scopes == ALL


def test_the_lan_may_chat_and_search() -> None:
    assert caller("lan", {}, OPEN).scopes == {"chat", "search"}


def test_a_trusted_lan_may_do_everything() -> None:
    assert caller("lan", {}, Access(lan="trusted")).scopes == ALL


def test_strangers_may_do_nothing() -> None:
    assert caller("other", {}, Access(lan="trusted")).scopes == frozenset()


@pytest.mark.parametrize("place", PLACES)
def test_a_required_key_closes_everything(place: Place) -> None:
    assert caller(place, {}, Access(lan="trusted", require_key=True)).scopes == frozenset()


@pytest.mark.parametrize("place", PLACES)
def test_the_admin_token_opens_everything_from_anywhere(place: Place) -> None:
    settings = Access(admin_token="s3cret", require_key=True)
    assert caller(place, {"x-admin-token": "s3cret"}, settings).scopes == ALL


@pytest.mark.parametrize("token", ["", "s3cre", "s3cret ", "S3CRET", "ñ"])
def test_a_wrong_admin_token_is_refused_on_this_machine_too(token: str) -> None:
    with pytest.raises(Unauthorized):
        caller("loopback", {"x-admin-token": token}, GUARDED)


@pytest.mark.parametrize("token", ["", "anything"])
def test_an_admin_token_is_refused_where_none_is_configured(token: str) -> None:
    with pytest.raises(Unauthorized):
        caller("loopback", {"x-admin-token": token}, OPEN)


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer trx_nobody"},
        {"authorization": "bearer  trx_nobody"},
        {"x-api-key": "trx_"},
        {"api-key": "trx_nobody"},
        {"authorization": "Bearer sk-editor", "x-api-key": "trx_nobody"},
        {"authorization": "trx_nobody"},
        {"authorization": "Token trx_nobody"},
        {"authorization": "Bearer sk-editor, Bearer trx_nobody"},
        {"authorization": 'Bearer "trx_nobody"'},
    ],
)
def test_a_malformed_key_of_ours_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthorized, match="malformed"):
        caller("loopback", headers, OPEN)


@pytest.mark.parametrize("value", ["Bearer sk-editor", "Bearer", "Bearer ", "Basic dHJ4XzE6", ""])
def test_what_editors_send_counts_as_no_key(value: str) -> None:
    assert caller("loopback", {"authorization": value}, OPEN).scopes == ALL


@pytest.mark.parametrize("scope", get_args(Scope))
def test_a_scope_that_is_held_passes(scope: Scope) -> None:
    check(caller("loopback", {}, OPEN), scope)


def test_a_scope_that_is_missing_is_refused() -> None:
    with pytest.raises(Unauthorized, match="'browse'"):
        check(caller("lan", {}, OPEN), "browse")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("access", [OPEN, GUARDED, Access(require_key=True)])
def test_a_key_gives_its_scopes_and_no_more_from_everywhere(
    place: Place, access: Access, keyring: Keyring
) -> None:
    secret = added(keyring, scopes=frozenset({"browse"}))
    assert caller(place, bearer(secret), access, keyring).scopes == {"browse"}


@pytest.mark.parametrize("header", ["x-api-key", "api-key"])
def test_a_key_comes_in_either_of_the_other_headers_too(header: str, keyring: Keyring) -> None:
    assert caller("other", {header: added(keyring)}, OPEN, keyring).name == "editor"


def test_a_key_says_who_asks_and_for_what(keyring: Keyring) -> None:
    limits = {"collections": frozenset({"notes"}), "models": frozenset({"small"}), "plan": "pro"}
    asking = caller("lan", bearer(added(keyring, **limits)), OPEN, keyring)
    assert (asking.id, asking.key, asking.name) == ("key_1", "key_1", "editor")
    assert {field: getattr(asking, field) for field in limits} == limits


def test_the_admin_scope_holds_all_others(keyring: Keyring) -> None:
    secret = added(keyring, scopes=frozenset({"admin"}))
    assert caller("other", bearer(secret), OPEN, keyring).scopes == ALL


@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_key_is_refused(place: Place, keyring: Keyring) -> None:
    with pytest.raises(Unauthorized, match="unknown"):
        caller(place, bearer(keys.new_secret()), OPEN, keyring)


@pytest.mark.parametrize("place", PLACES)
def test_a_revoked_key_is_refused(place: Place, keyring: Keyring) -> None:
    with pytest.raises(Unauthorized, match="revoked"):
        caller(place, bearer(added(keyring, revoked_s=1)), OPEN, keyring)


@pytest.mark.parametrize("place", PLACES)
def test_an_expired_key_is_refused(place: Place, keyring: Keyring) -> None:
    with pytest.raises(Unauthorized, match="expired"):
        caller(place, bearer(added(keyring, expires_s=int(time.time()) - 1)), OPEN, keyring)


def test_a_key_that_expires_later_is_taken(keyring: Keyring) -> None:
    secret = added(keyring, expires_s=int(time.time()) + 60)
    assert caller("other", bearer(secret), OPEN, keyring).id == "key_1"


def test_a_valid_key_beside_another_is_refused(keyring: Keyring) -> None:
    headers = bearer(added(keyring)) | {"x-api-key": keys.new_secret()}
    with pytest.raises(Unauthorized, match="Two"):
        caller("loopback", headers, OPEN, keyring)


def test_the_same_key_in_two_headers_is_one(keyring: Keyring) -> None:
    secret = added(keyring)
    assert caller("other", bearer(secret) | {"api-key": secret}, OPEN, keyring).id == "key_1"


def test_an_admin_token_beside_a_key_has_no_limits(keyring: Keyring) -> None:
    secret = added(keyring, collections=frozenset({"notes"}))
    asking = caller("lan", bearer(secret) | {"x-admin-token": "s3cret"}, GUARDED, keyring)
    assert (asking.scopes, asking.collections, asking.name) == (ALL, None, "admin")


def test_an_admin_token_does_not_excuse_a_wrong_key() -> None:
    with pytest.raises(Unauthorized):
        caller("loopback", bearer("trx_nobody") | {"x-admin-token": "s3cret"}, GUARDED)


def test_a_key_without_the_scope_is_known_and_may_not(keyring: Keyring) -> None:
    with pytest.raises(Forbidden, match=r"'editor'.*'browse'"):
        check(caller("loopback", bearer(added(keyring)), OPEN, keyring), "browse")


def test_a_limited_caller_sees_its_collections_only() -> None:
    asking = Caller("lan", ALL, collections=frozenset({"notes"}))
    assert (asking.sees("notes"), asking.sees("secret")) == (True, False)
    assert Caller("lan", ALL).sees("secret")
