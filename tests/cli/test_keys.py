import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from trinax.access import keys
from trinax.access.keyring import FILE, Keyring
from trinax.cli import main


def invoked(folder: Path, *arguments: str) -> click.testing.Result:
    return CliRunner().invoke(main, ["keys", *arguments, "--data-dir", str(folder / "var")])


def made(folder: Path, *arguments: str) -> Any:
    return json.loads(invoked(folder, "create", "--json", *arguments).stdout)


def states(folder: Path) -> dict[str, str]:
    rows = json.loads(invoked(folder, "list", "--json").stdout)
    return {row["name"]: row["state"] for row in rows}


def is_known(folder: Path, secret: str) -> bool:
    return Keyring(folder / "var" / FILE).find(keys.digest(secret)) is not None


def test_a_key_is_printed_once(tmp_path: Path) -> None:
    result = invoked(tmp_path, "create", "--name", "editor")
    secret = result.stdout.strip()
    assert keys.is_whole(secret)
    assert "not shown again" in result.stderr
    assert is_known(tmp_path, secret)
    listed = invoked(tmp_path, "list").output + invoked(tmp_path, "list", "--json").output
    assert secret[:12] in listed
    assert secret not in listed


def test_a_key_has_what_was_asked_for(tmp_path: Path) -> None:
    limits = ("--scopes", "search, browse", "--collections", "handbook", "--models", "auto,small")
    row = made(tmp_path, "--name", "script", *limits, "--plan", "pro")
    assert row["scopes"] == ["search", "browse"]
    assert (row["collections"], row["models"]) == (["handbook"], ["auto", "small"])
    assert (row["plan"], row["expires"], row["last_used"]) == ("pro", None, None)


def test_a_key_is_modest_by_itself(tmp_path: Path) -> None:
    row = made(tmp_path, "--name", "script")
    assert (row["scopes"], row["plan"]) == (["chat", "search"], "free")


def test_a_key_expires(tmp_path: Path) -> None:
    row = made(tmp_path, "--name", "script", "--expires", "365d")
    assert int(row["expires"][:4]) == int(row["created"][:4]) + 1


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--scopes", "chat,all", "'all'"),
        ("--scopes", "", "names nothing"),
        ("--collections", "", "names nothing"),
        ("--collections", "Hand Book", "'Hand Book'"),
        ("--models", " , ", "names nothing"),
        ("--plan", "gold", "free, pro, enterprise, none"),
        ("--expires", "90", "90d"),
        ("--name", "two\nlines", "one line"),
    ],
)
def test_a_wrong_wish_makes_no_key(option: str, value: str, said: str, tmp_path: Path) -> None:
    result = invoked(tmp_path, "create", "--name", "script", option, value)
    assert result.exit_code == 1
    assert said in result.stderr
    assert states(tmp_path) == {}


def test_a_key_needs_a_name(tmp_path: Path) -> None:
    assert invoked(tmp_path, "create").exit_code == 2


def test_a_revoked_key_is_listed_as_such(tmp_path: Path) -> None:
    made(tmp_path, "--name", "script")
    assert invoked(tmp_path, "revoke", "script").exit_code == 0
    assert states(tmp_path) == {"script": "revoked"}
    assert "revoked" in invoked(tmp_path, "list").output


def test_a_rotated_key_is_another_secret(tmp_path: Path) -> None:
    old = made(tmp_path, "--name", "script", "--plan", "none")
    new = json.loads(invoked(tmp_path, "rotate", old["prefix"], "--json").stdout)
    assert (new["id"], new["plan"]) == (old["id"], "none")
    assert (is_known(tmp_path, new["key"]), is_known(tmp_path, old["key"])) == (True, False)


@pytest.mark.parametrize("command", ["revoke", "rotate"])
def test_an_unknown_key_is_said_so(command: str, tmp_path: Path) -> None:
    result = invoked(tmp_path, command, "nobody")
    assert result.exit_code == 1
    assert "'nobody'" in result.stderr


def test_a_list_makes_no_file(tmp_path: Path) -> None:
    assert "There are no keys" in invoked(tmp_path, "list").output
    assert list(tmp_path.iterdir()) == []
