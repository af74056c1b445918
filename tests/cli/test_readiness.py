import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.web.conftest import settings
from tests.web.openai.test_sdk import listening
from trinax.app import build
from trinax.cli import main
from trinax.cli.address import listen
from trinax.cli.running import announced
from trinax.settings import Settings

__all__ = ["settings"]


def ready(data_dir: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["ready", "--data-dir", str(data_dir), *options])


def test_without_a_server_it_is_not_ready(tmp_path: Path) -> None:
    result = ready(tmp_path)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "No server runs on" in result.stderr


def test_a_server_that_is_gone_is_not_ready(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with announced(tmp_path, url):
        found = json.loads(ready(tmp_path, "--json").stdout)
    assert found == {"ready": False, "url": url, "reason": f"{url} does not answer."}


@pytest.mark.slow
def test_a_server_that_answers_is_ready(settings: Settings) -> None:
    with listening(build(settings)) as url, announced(settings.data_dir, url):
        result = ready(settings.data_dir, "--wait", "10")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{url} is ready.\n"


@pytest.mark.slow
def test_it_waits_no_longer_than_it_was_told(tmp_path: Path) -> None:
    result = ready(tmp_path, "--wait", "0.3")
    assert result.exit_code == 1
