"""The files in configs/editors parse, and name nothing that the server does not have."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient

from tests.web.conftest import folders, serving
from trinax.settings import Server

FOLDER = Path(__file__).parents[2] / "configs" / "editors"
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file() and path.name != "README.md")
README = (FOLDER / "README.md").read_text("utf-8")
URL = re.compile(r"http://127\.0\.0\.1:(\d+)(/[\w/.-]*)?")
IN_CODE = {
    ".lua": re.compile(r'\b(?:model|default) = "([^"]+)"'),
    ".el": re.compile(r"(?:gptel-model|:models)\s+'\(?([\w-]+)"),
}
KEYS = {
    "model",
    "model_name",
    "small_model",
    "weak_model_name",
    "openAiModelId",
    "codebaseIndexEmbedderModelId",
}
LISTS = {"models", "available_models"}
PARSERS: dict[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".yaml": yaml.safe_load,
    ".yml": yaml.safe_load,
}


def name(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


def files(*suffixes: str) -> list[Path]:
    return [path for path in FILES if path.suffix in suffixes]


def models(value: Any) -> Iterator[str]:
    """What a parsed file names as a model."""
    if isinstance(value, list):
        yield from (model for each in value for model in models(each))
    if isinstance(value, dict):
        yield from (each for key, each in value.items() if key in KEYS and isinstance(each, str))
        yield from (model for each in value.values() for model in models(each))
        for listed in (value[key] for key in LISTS & value.keys()):
            keyed = isinstance(listed, dict)
            yield from listed if keyed else (each.get("model") or _id(each) for each in listed)


def _id(listed: dict[str, str]) -> str:
    return listed.get("id") or listed["name"]


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(folders(tmp_path_factory.mktemp("base"))) as http:
        yield http


@pytest.mark.parametrize("path", files(*PARSERS), ids=name)
def test_a_configuration_parses(path: Path) -> None:
    assert PARSERS[path.suffix](path.read_text("utf-8"))


@pytest.mark.skipif(not which("nvim"), reason="nvim parses Lua")
@pytest.mark.parametrize("path", files(".lua"), ids=name)
def test_lua_parses(path: Path) -> None:
    check = f"lua if not loadfile('{path}') then vim.cmd('cquit') end"
    subprocess.run(["nvim", "--headless", "-u", "NONE", "-c", check, "-c", "q"], check=True)


@pytest.mark.skipif(not which("emacs"), reason="emacs parses Lisp")
@pytest.mark.parametrize("path", files(".el"), ids=name)
def test_lisp_parses(path: Path) -> None:
    command = ["emacs", "-Q", "--batch", str(path), "--eval", "(check-parens)"]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_brackets_close(path: Path) -> None:
    text = re.sub(r"""(--|;|#).*|"[^"\n]*"|'[^'\n() ]*'""", "", path.read_text("utf-8"))
    while (shorter := re.sub(r"\([^][(){}]*\)|\[[^][(){}]*\]|\{[^][(){}]*\}", "", text)) != text:
        text = shorter
    assert not set(text) & set("()[]{}")


@pytest.mark.parametrize("path", FILES, ids=name)
def test_addresses_are_of_routes_that_are_there(path: Path, http: TestClient) -> None:
    routes = {*http.get("/openapi.json").json()["paths"]}
    bases = {route[: place.start()] for route in routes for place in re.finditer("/", route)}
    named = URL.findall(path.read_text("utf-8"))
    assert {int(port) for port, _ in named} <= {Server().port}
    assert {place for _, place in named} - routes - bases == set()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_models_are_there_from_the_start(path: Path, http: TestClient) -> None:
    known = {model["id"] for model in http.get("/v1/models").json()["data"]}
    text = path.read_text("utf-8")
    in_code = IN_CODE.get(path.suffix)
    named = in_code.findall(text) if in_code else models(PARSERS[path.suffix](text))
    # Some write the provider before it.
    found = {model.rpartition("/")[2] for model in named}
    assert found - known == set()
    assert found or "mcp" in path.name


def test_every_client_is_in_the_table() -> None:
    linked = {link.partition("/")[0] for link in re.findall(r"\]\(([\w./-]+)\)", README)}
    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} - linked == set()
