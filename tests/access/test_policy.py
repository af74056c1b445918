from typing import get_args

import pytest

from trinax.access.policy import ALL, Scope, caller, check
from trinax.access.trust import Place
from trinax.errors import Unauthorized
from trinax.settings import Access

OPEN = Access()
GUARDED = Access(admin_token="s3cret")


def test_this_machine_may_do_everything() -> None:
    assert caller("loopback", {}, OPEN).scopes == ALL


def test_the_lan_may_chat_and_search() -> None:
    assert caller("lan", {}, OPEN).scopes == {"chat", "search"}


def test_a_trusted_lan_may_do_everything() -> None:
    assert caller("lan", {}, Access(lan="trusted")).scopes == ALL


def test_strangers_may_do_nothing() -> None:
    assert caller("other", {}, Access(lan="trusted")).scopes == frozenset()


@pytest.mark.parametrize("place", get_args(Place))
def test_a_required_key_closes_everything(place: Place) -> None:
    assert caller(place, {}, Access(lan="trusted", require_key=True)).scopes == frozenset()


@pytest.mark.parametrize("place", get_args(Place))
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
    ],
)
def test_an_unknown_key_of_ours_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthorized):
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
