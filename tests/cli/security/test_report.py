import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from trinax.cli import main

TOKEN = "Kq3vWz8LrT5nXy2BmC7d"

Doctor = Callable[[str], Result]


@pytest.fixture
def doctor(tmp_path: Path) -> Doctor:
    """`trinax doctor --security --json` over a configuration."""
    (tmp_path / "collections/notes").mkdir(parents=True)
    config = tmp_path / "trinax.toml"

    def run(text: str) -> Result:
        config.write_text(text)
        return CliRunner().invoke(main, ["doctor", "--security", "--json", "--config", str(config)])

    return run


def found(result: Result, name: str) -> list[dict[str, Any]]:
    return [each for each in json.loads(result.stdout) if each["name"] == name]


def levels(result: Result, name: str) -> list[str]:
    return [each["level"] for each in found(result, name)]


def test_the_defaults_have_no_serious_finding(doctor: Doctor) -> None:
    result = doctor("")
    assert result.exit_code == 0
    assert "only programs on this machine" in found(result, "address")[0]["message"]


def test_people_read_sentences(doctor: Doctor, tmp_path: Path) -> None:
    doctor("")
    config = ["--config", str(tmp_path / "trinax.toml")]
    result = CliRunner().invoke(main, ["doctor", "--security", *config])
    assert "this machine may do everything; nobody else connects" in result.output


def test_a_trusted_lan_without_a_token_is_serious(doctor: Doctor) -> None:
    result = doctor('[server]\nhost = "0.0.0.0"\n[access]\nlan = "trusted"')
    assert result.exit_code == 1
    assert levels(result, "without a key") == ["fail"]


def test_an_open_server_is_not_serious_and_not_encrypted(doctor: Doctor) -> None:
    result = doctor('[server]\nhost = "0.0.0.0"')
    assert result.exit_code == 0
    assert "may chat and search" in found(result, "without a key")[0]["message"]
    assert levels(result, "encryption") == ["warn"]


def test_a_required_key_closes_everything(doctor: Doctor) -> None:
    result = doctor("[access]\nrequire_key = true")
    assert found(result, "without a key")[0]["message"].startswith("nobody")


@pytest.mark.parametrize(
    ("host", "token", "level"),
    [
        ("127.0.0.1", "hunter2", "warn"),
        ("0.0.0.0", "hunter2", "fail"),
        ("0.0.0.0", "a" * 40, "fail"),
        ("0.0.0.0", TOKEN, "ok"),
    ],
)
def test_a_token_must_not_be_guessed(doctor: Doctor, host: str, token: str, level: str) -> None:
    result = doctor(f'[server]\nhost = "{host}"\n[access]\nadmin_token = "{token}"')
    assert levels(result, "admin token") == [level]
    assert token not in result.output


def test_a_file_of_a_secret_that_others_read_is_serious(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "token").chmod(0o644)
    result = doctor('[access]\nadmin_token_file = "token"')
    assert levels(result, "access.admin_token_file") == ["fail"]
    (tmp_path / "token").chmod(0o600)
    assert levels(doctor('[access]\nadmin_token_file = "token"'), "access.admin_token_file") == []


def test_a_configuration_with_a_secret_that_others_read_is_serious(
    doctor: Doctor, tmp_path: Path
) -> None:
    text = f'[access]\nadmin_token = "{TOKEN}"'
    doctor(text)
    (tmp_path / "trinax.toml").chmod(0o644)
    assert levels(doctor(text), "trinax.toml") == ["fail"]
    assert levels(doctor(""), "trinax.toml") == []
    (tmp_path / "trinax.toml").chmod(0o600)
    assert levels(doctor(text), "trinax.toml") == []


def test_a_data_folder_that_others_read_is_serious(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o755)
    assert levels(doctor(""), "data folder") == ["fail"]
    (tmp_path / "var").chmod(0o700)
    assert levels(doctor(""), "data folder") == ["ok"]


def test_keys_are_listed_with_what_they_allow(doctor: Doctor, tmp_path: Path) -> None:
    data = ["--data-dir", str(tmp_path / "var")]
    keys = [("laptop", "chat,search", ["--collections", "notes"]), ("boss", "admin", [])]
    for name, scopes, more in keys:
        arguments = ["keys", "create", "--name", name, "--scopes", scopes, *more, *data]
        assert CliRunner().invoke(main, arguments).exit_code == 0
    first, second = found(doctor(""), "API keys")
    assert "'laptop' may chat, search in notes" in first["message"]
    assert (second["level"], "'boss'" in second["message"]) == ("warn", True)


def test_a_broken_file_of_keys_is_told(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o700)
    (tmp_path / "var/access.sqlite").write_bytes(b"no database" * 1000)
    assert levels(doctor(""), "API keys") == ["warn"]


def test_a_proxy_that_is_no_address_is_serious(doctor: Doctor) -> None:
    result = doctor('[access]\ntrusted_proxies = ["10.0.0.0/8", "127.0.0.1"]')
    assert levels(result, "proxies") == ["fail", "ok"]


def test_a_proxy_that_can_be_gone_around_is_a_warning(doctor: Doctor) -> None:
    text = '[server]\nhost = "0.0.0.0"\n[access]\ntrusted_proxies = ["127.0.0.1"]'
    assert levels(doctor(text), "proxies") == ["warn"]


def test_an_origin_for_all_is_said_to_have_no_effect(doctor: Doctor) -> None:
    result = doctor('[access]\norigins = ["*", "http://wiki.example"]')
    assert levels(result, "browsers") == ["ok", "warn", "warn"]


def test_where_questions_go_is_said(doctor: Doctor) -> None:
    text = '[web]\nprovider = "searxng"\nurl = "http://user:secret@10.0.0.9/search"\n'
    text += '[upstreams.box]\nurl = "https://box.example/v1"\nmodels = {big = "b"}'
    result = doctor(text)
    assert levels(result, "web search") == ["warn"]
    assert "questions for big go to https://box.example/v1" in result.output
    assert "user:secret" not in result.output


def test_web_search_may_be_off(doctor: Doctor) -> None:
    assert "no question" in found(doctor('[web]\nprovider = "off"'), "web search")[0]["message"]


def test_a_whole_home_folder_is_serious(doctor: Doctor) -> None:
    result = doctor('[roots]\nall = "/"')
    assert (result.exit_code, levels(result, "collection all")) == (1, ["fail"])


def test_limits_and_audit_that_are_off_are_told(doctor: Doctor) -> None:
    text = '[server]\nhost = "0.0.0.0"\n[limits]\nreads_per_minute = 0\n[audit]\nrequests = "off"'
    result = doctor(text)
    assert (levels(result, "limits"), levels(result, "audit log")) == (["warn"], ["warn"])


def test_looking_makes_no_data_folder(doctor: Doctor, tmp_path: Path) -> None:
    doctor("")
    assert not (tmp_path / "var").exists()
