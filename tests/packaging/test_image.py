import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from tests.packaging.dockerfile import Instruction, instructions, variables, words
from tests.packaging.installation import PROJECT, Installed, built
from trinax.cli import main
from trinax.configuration import load

LINTER = Path(sys.executable).parent / "hadolint"
FULL = "TRINAX_TEST_FULL_INSTALL"
QUESTION = "Does everything work?"


@pytest.fixture(scope="module")
def steps() -> list[Instruction]:
    return instructions(PROJECT / "Dockerfile")


@pytest.fixture(scope="module")
def last(steps: list[Instruction]) -> list[Instruction]:
    """Of the stage that becomes the image."""
    return [step for step in steps if step.stage == steps[-1].stage]


def copied(steps: list[Instruction]) -> Iterator[tuple[str, str]]:
    """What comes from the working copy, and where in the folder of the build it goes."""
    for step in steps:
        if step.word == "COPY" and "--from" not in step.rest:
            *sources, to = step.rest.split()
            for source in sources:
                name = Path(source).name
                yield source, f"{to}/{name}" if to == "./" else to


def context(steps: list[Instruction], to: Path) -> Path:
    """The folder in which the builder works, of what the Dockerfile copies."""
    for source, name in copied(steps):
        path = PROJECT / source
        if path.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(path, to / name, dirs_exist_ok=True, ignore=ignored)
        else:
            shutil.copy(path, to / name)
    return to


def only(steps: list[Instruction], word: str) -> Instruction:
    (found,) = (step for step in steps if step.word == word)
    return found


@pytest.mark.skipif(not LINTER.exists(), reason="there is no hadolint")
def test_the_linter_has_nothing_to_say() -> None:
    command = (str(LINTER), "--failure-threshold", "info", str(PROJECT / "Dockerfile"))
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_everything_copied_reaches_docker(steps: list[Instruction]) -> None:
    ignore = (PROJECT / ".dockerignore").read_text("utf-8").splitlines()
    let_in = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    assert "*" in ignore
    for source, _ in copied(steps):
        below = {each for each in let_in if Path(each).is_relative_to(source)}
        assert (PROJECT / source).exists()
        assert source in let_in or below, source


def test_what_is_copied_makes_the_same_wheel(
    steps: list[Instruction], wheel: Path, tmp_path: Path
) -> None:
    folder = context(steps, tmp_path)
    with ZipFile(built(folder, tmp_path / "wheel")) as image, ZipFile(wheel) as whole:
        assert sorted(image.namelist()) == sorted(whole.namelist())


def test_it_does_not_run_as_root(last: list[Instruction]) -> None:
    user = only(last, "USER").rest
    made = next(step.rest for step in last if step.word == "RUN" and "useradd" in step.rest)
    assert user == "10001:10001"
    assert "--uid 10001" in made


def test_nothing_after_the_user_needs_root(last: list[Instruction]) -> None:
    order = [step.word for step in last]
    assert not {"RUN", "COPY"} & {*order[order.index("USER") :]}


def test_its_variables_are_settings(last: list[Instruction]) -> None:
    environment = variables(only(last, "ENV"))
    settings = load(environment=environment)
    assert settings.server.host == "0.0.0.0"
    assert (str(settings.data_dir), str(settings.collections_dir)) == ("/data", "/collections")
    assert {str(settings.data_dir), str(settings.collections_dir)} == {*words(only(last, "VOLUME"))}


def test_its_health_is_asked_by_a_command_that_there_is(last: list[Instruction]) -> None:
    program, command = words(only(last, "HEALTHCHECK"))
    assert program == "trinax"
    assert command in main.commands


def test_it_serves_unless_it_is_told_otherwise(last: list[Instruction]) -> None:
    command = [*words(only(last, "ENTRYPOINT")), *words(only(last, "CMD"))]
    assert command == ["trinax", "serve"]


@pytest.mark.skipif(not os.environ.get(FULL), reason=f"takes minutes and the network: set {FULL}=1")
@pytest.mark.timeout(3600)
def test_the_steps_of_its_builder_make_a_trinax_that_answers(
    steps: list[Instruction], tmp_path: Path
) -> None:
    (tmp_path / "build").mkdir()
    build = context(steps, tmp_path / "build")
    environment = tmp_path / "trinax"
    venv.create(environment, with_pip=True)
    pip = (step.rest for step in steps if step.word == "RUN" and "bin/pip" in step.rest)
    for command in pip:
        here = command.replace("/opt/trinax", str(environment)).replace("/build/", f"{build}/")
        here = re.sub(r" && \S+/bin/pip uninstall.*", "", here)
        subprocess.run(["sh", "-ec", here], cwd=build, check=True)
    (tmp_path / "empty").mkdir()
    with Installed(environment / "bin/python", tmp_path / "empty").serving() as url:
        answer = httpx.post(f"{url}/v1/search", json={"query": QUESTION}, timeout=60)
    assert answer.status_code == 200
