import logging
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from trinax.cli.logs import Discreet, hidden
from trinax.settings import Access, Settings, Upstream, Web


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    upstreams = {"box": Upstream(key="sk-upstream")}
    access = Access(admin_token="s3cret-token")
    return Settings(base=tmp_path, access=access, upstreams=upstreams, web=Web(key="brave-key"))


def logged(settings: Settings, message: str, *, failed: bool = False) -> str:
    error = sys.exc_info() if failed else None
    record = logging.LogRecord("trinax", logging.ERROR, "", 0, message, (), error)
    return Discreet(hidden(settings)).format(record)


def test_a_path_is_told_by_what_it_is(settings: Settings, tmp_path: Path) -> None:
    line = logged(settings, f"no room for {tmp_path}/var/index, {tmp_path}/collections/a.md")
    assert line == "ERROR trinax: no room for DATA/index, COLLECTIONS/a.md"


@pytest.mark.parametrize("secret", ["s3cret-token", "sk-upstream", "brave-key"])
def test_a_secret_is_not_written(settings: Settings, secret: str) -> None:
    assert logged(settings, f"sent {secret}!") == "ERROR trinax: sent ***!"


def test_a_traceback_names_no_place_of_this_machine(settings: Settings, tmp_path: Path) -> None:
    try:
        (tmp_path / "var/gone").read_text()
    except OSError:
        text = logged(settings, "It failed.", failed=True)
    assert "FileNotFoundError" in text
    assert "DATA/gone" in text
    assert all(path not in text for path in (str(tmp_path), sys.prefix, str(Path(__file__).parent)))


def test_a_short_token_hides_no_ordinary_words(settings: Settings) -> None:
    short = replace(settings, access=Access(admin_token="a"))
    assert logged(short, "a path") == "ERROR trinax: a path"


def test_an_outside_folder_is_told_by_its_collection(settings: Settings) -> None:
    outside = replace(settings, roots={"notes": ("/srv/private/notes",)})
    assert logged(outside, "/srv/private/notes/a.md") == "ERROR trinax: ROOT:notes/a.md"
