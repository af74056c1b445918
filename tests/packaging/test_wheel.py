import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from tests.packaging.installation import PROJECT, Installed, environment
from trinax import __version__

# What is in the wheel and stands elsewhere in the working copy.
MOVED = {"trinax/default.toml", *(f"trinax/profiles/{name}.toml" for name in (
    "lite", "max", "standard", "ultra",
))}  # fmt: skip
# The built-in embedder may have 16 MB of it; anything beyond came in by mistake.
LIMIT_BYTES = 20_000_000


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as opened:
        return {name for name in opened.namelist() if not name.startswith("trinax-")}


@pytest.fixture(scope="module")
def served(package: Installed) -> Iterator[httpx.Client]:
    """Its server over a folder with one document."""
    notes = package.folder / "collections" / "notes"
    notes.mkdir(parents=True)
    (notes / "kettle.md").write_text("# Lab\n\nThe kettle in the lab boils at 94 degrees.\n")
    with package.serving() as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def test_every_file_of_the_package_is_in_the_wheel(names: set[str]) -> None:
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "trinax")
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    there = {name for name in listed.stdout.splitlines() if (PROJECT / name).is_file()}
    assert names == there | MOVED


def test_the_wheel_is_no_larger_than_its_models_make_it(wheel: Path) -> None:
    assert wheel.stat().st_size < LIMIT_BYTES


def test_what_is_installed_is_not_the_working_copy(package: Installed) -> None:
    script = "import trinax; print(trinax.__file__)"
    done = subprocess.run(
        [str(package.python), "-c", script],
        cwd=package.folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout).is_relative_to(package.python.parents[1])


def test_the_command_is_there(package: Installed) -> None:
    assert package.run("--version").stdout == f"trinax, version {__version__}\n"


def test_the_settings_come_along(package: Installed) -> None:
    assert package.run("settings").stdout == (PROJECT / "configs/default.toml").read_text("utf-8")


def test_the_profiles_come_along(package: Installed) -> None:
    checks = {check["name"]: check for check in json.loads(package.run("doctor", "--json").stdout)}
    assert checks["profile"]["advice"].endswith("trinax models pull fast")
    assert checks["packages"]["level"] == "ok"


@pytest.mark.slow
def test_it_finds_and_answers_from_an_empty_folder(served: httpx.Client) -> None:
    question = "At which temperature does the kettle in the lab boil?"
    body = {"messages": [{"role": "user", "content": question}]}
    found = served.post("/v1/search", json={"query": question}).json()
    answer = served.post("/v1/chat/completions", json=body).json()
    assert [hit["file"] for hit in found["hits"]] == ["kettle.md"]
    assert "94 degrees" in answer["choices"][0]["message"]["content"]


@pytest.mark.slow
def test_the_page_comes_along(served: httpx.Client) -> None:
    page = served.get("/", headers={"accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "</html>" in page.text


@pytest.mark.slow
def test_its_commands_use_its_server(served: httpx.Client, package: Installed) -> None:
    asked = package.run("ask", "At which temperature does the kettle in the lab boil?")
    assert asked.returncode == 0, asked.stderr
    assert "[1] notes/kettle.md:" in asked.stdout
