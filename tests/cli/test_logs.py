import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trinax.cli.logs import Discreet, Structured, begin, hidden
from trinax.settings import Access, Logs, Settings, Upstream, Web
from trinax.web.request_ids import REQUEST_ID


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


@pytest.fixture
def in_request() -> Iterator[str]:
    token = REQUEST_ID.set("req-7")
    yield "req-7"
    REQUEST_ID.reset(token)


def told(settings: Settings, message: str, **fields: Any) -> dict[str, Any]:
    """The line as JSON."""
    record = logging.LogRecord("trinax.web", logging.WARNING, "", 0, message, (), None)
    vars(record).update(fields)
    line = Structured(hidden(settings)).format(record)
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_names_the_request_that_it_is_about(settings: Settings, in_request: str) -> None:
    assert logged(settings, "It failed.") == "ERROR trinax: It failed. [req-7]"


def test_a_line_of_json_says_when_where_and_of_which_request(
    settings: Settings, in_request: str
) -> None:
    line = told(settings, "It is slow.")
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "trinax.web",
        "message": "It is slow.",
        "request": "req-7",
    }


def test_a_line_of_json_has_fields_of_its_own(settings: Settings) -> None:
    line = told(settings, "GET /ready 200", fields={"status": 200, "route": "/ready"})
    assert (line["status"], line["route"]) == (200, "/ready")
    assert "request" not in line


def test_a_line_of_json_hides_what_the_others_do(settings: Settings, tmp_path: Path) -> None:
    line = told(settings, f'sent "s3cret-token" from {tmp_path}/var/index\nand more')
    assert line["message"] == 'sent "***" from DATA/index\nand more'


def test_a_traceback_is_a_field_of_a_line_of_json(settings: Settings, tmp_path: Path) -> None:
    try:
        (tmp_path / "var/gone").read_text()
    except OSError:
        line = told(settings, "It failed.", exc_info=sys.exc_info())
    assert line["exception"].startswith("Traceback")
    assert str(tmp_path) not in line["exception"]


def test_a_secret_that_is_read_again_is_hidden_beside_the_old_one(settings: Settings) -> None:
    formatter = Discreet(hidden(settings))
    formatter.learn(hidden(replace(settings, access=Access(admin_token="an0ther-token"))))
    record = logging.LogRecord("a", logging.INFO, "", 0, "s3cret-token an0ther-token", (), None)
    assert formatter.format(record) == "INFO a: *** ***"


@contextmanager
def bare_root() -> Iterator[logging.Logger]:
    """The root logger without the handlers of pytest, given back afterwards."""
    root, own = logging.getLogger(), logging.getLogger("trinax")
    handlers, level = root.handlers[:], own.level
    root.handlers = []
    try:
        yield root
    finally:
        root.handlers = handlers
        own.setLevel(level)


@pytest.mark.parametrize(("format", "kind"), [("console", Discreet), ("json", Structured)])
def test_the_settings_say_how_and_how_much(settings: Settings, format: Any, kind: type) -> None:
    with bare_root() as root:
        begin(replace(settings, logs=Logs("error", format)))
        assert [type(handler.formatter) for handler in root.handlers] == [kind]
        assert not logging.getLogger("trinax.web").isEnabledFor(logging.WARNING)
        assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
