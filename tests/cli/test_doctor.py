import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.models.upstream.player import Answer, playing
from tests.web.conftest import application, settings
from tests.web.openai.test_sdk import listening
from trinax.cli import main
from trinax.cli.address import listen
from trinax.cli.doctor import _compiled_anew, _packages
from trinax.cli.running import announced
from trinax.index.lock import FolderLock
from trinax.settings import Settings

__all__ = ["settings"]


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A data folder that something without a server has open."""
    folder = tmp_path / "var"
    lock = FolderLock(folder)
    yield folder
    lock.close()


def checks(*arguments: str) -> dict[str, dict[str, Any]]:
    found = json.loads(CliRunner().invoke(main, ["doctor", "--json", *arguments]).stdout)
    return {check["name"]: check for check in found}


def test_a_locked_data_folder_is_a_failure_with_advice(locked: Path) -> None:
    result = CliRunner().invoke(main, ["doctor", "--data-dir", str(locked)])
    assert result.exit_code == 1
    found = checks("--data-dir", str(locked))["index"]
    assert found["level"] == "fail"
    assert found["advice"].startswith(f"stop process {os.getpid()}, ")


def test_a_taken_port_is_a_failure(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as listener:
        config = tmp_path / "trinax.toml"
        config.write_text(f"[server]\nport = {listener.getsockname()[1]}")
        found = checks("--config", str(config))["address"]
    assert found["level"] == "fail"
    assert "is in use" in found["message"]


def test_a_missing_collections_folder_is_a_warning(tmp_path: Path) -> None:
    found = checks("--collections-dir", str(tmp_path / "none"), "--data-dir", str(tmp_path))
    assert found["collections"]["level"] == "warn"


def test_a_root_that_is_gone_is_a_failure(tmp_path: Path) -> None:
    config = tmp_path / "trinax.toml"
    config.write_text("[roots]\nnotes = 'gone'")
    found = checks("--config", str(config))["collections"]
    assert (found["level"], str(tmp_path / "gone") in found["message"]) == ("fail", True)


def test_looking_makes_no_data_folder(tmp_path: Path) -> None:
    assert checks("--data-dir", str(tmp_path / "var"))["index"]["message"] == "none yet"
    assert list(tmp_path.iterdir()) == []


def test_what_was_set_aside_as_corrupt_is_told(tmp_path: Path) -> None:
    (tmp_path / "var/index/notes/shard.corrupt-1").mkdir(parents=True)
    (tmp_path / "var/ledger.sqlite.corrupt-2").touch()
    said = CliRunner().invoke(main, ["doctor", "--data-dir", str(tmp_path / "var")]).stdout
    assert "index/notes/shard.corrupt-1 was found corrupt" in said
    assert "ledger.sqlite.corrupt-2 was found corrupt" in said
    assert "outside folders are forgotten" in said


def test_a_missing_package_is_named() -> None:
    check = _packages(["click>=8", "no-such-package==1", "mypy>=2 ; extra == 'dev'"])
    assert (check.level, check.message) == ("fail", "missing: no-such-package")


def test_without_a_compiler_it_is_installed_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert "build-essential" in _compiled_anew()


def test_the_profile_and_what_is_missing_of_it_are_told(tmp_path: Path) -> None:
    config = tmp_path / "trinax.toml"
    config.write_text("[models]\nprofile = 'lite'")
    found = checks("--config", str(config))["profile"]
    assert (found["level"], found["message"].startswith("lite, ")) == ("ok", True)
    assert found["advice"].endswith("trinax models pull fast")


def test_a_wrong_setting_is_a_failure_of_the_doctor_too(tmp_path: Path) -> None:
    config = tmp_path / "trinax.toml"
    config.write_text("[server]\nprot = 1")
    found = checks("--config", str(config))["configuration"]
    assert (found["level"], "'server.prot'" in found["message"]) == ("fail", True)
    assert found["advice"]


def test_the_configuration_that_counts_is_named(tmp_path: Path) -> None:
    config = tmp_path / "trinax.toml"
    config.touch()
    assert checks("--config", str(config))["configuration"]["message"] == str(config)


def test_a_role_for_a_model_that_is_not_there_is_a_warning(tmp_path: Path) -> None:
    config = tmp_path / "trinax.toml"
    config.write_text("[roles]\ndeep = 'gone'")
    found = checks("--config", str(config))["models"]
    assert (found["level"], "roles.deep" in found["message"]) == ("warn", True)


def test_commands_say_who_has_the_data_folder(locked: Path) -> None:
    result = CliRunner().invoke(main, ["search", "x", "--data-dir", str(locked)])
    assert result.exit_code == 1
    assert "The data folder is in use by another trinax process" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_server_that_wants_a_token_ends_no_other_check(settings: Settings) -> None:
    closed = replace(settings, access=replace(settings.access, require_key=True))
    with listening(application(closed)) as url, announced(settings.data_dir, url):
        found = checks("--data-dir", str(settings.data_dir))
    assert found["collections"]["level"] == "warn"
    assert "X-Admin-Token" in found["collections"]["message"]
    assert found["address"]["message"] == f"{url} answers"


def test_upstreams_are_asked_for_their_models(tmp_path: Path) -> None:
    config = tmp_path / "trinax.toml"
    with playing() as player:
        config.write_text(f'[upstreams.box]\nurl = "{player.url}"\nmodels = {{ here = "there" }}')
        for listed, level, told in (
            ("there", "ok", "box has there"),
            ("other", "warn", "box does not list there"),
        ):
            body = json.dumps({"data": [{"id": listed}]}).encode()
            player.play(Answer(body, headers={"content-type": "application/json"}))
            found = checks("--config", str(config), "--data-dir", str(tmp_path))["upstreams"]
            assert (found["level"], found["message"]) == (level, told)
    found = checks("--config", str(config), "--data-dir", str(tmp_path))["upstreams"]
    assert found["level"] == "warn"
    assert "no connection could be made" in found["message"]
    assert "[upstreams.box]" in found["advice"]


def test_without_upstreams_none_is_checked(tmp_path: Path) -> None:
    assert "upstreams" not in checks("--data-dir", str(tmp_path))
