from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.packaging.installation import PROJECT
from trinax.configuration import load

FOLDER = PROJECT / "configs" / "docker"
FILES = sorted(FOLDER.glob("*.yaml"))


def services(file: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(file.read_text("utf-8"))["services"]
    return found


def environment(file: Path) -> dict[str, str]:
    """Of trinax, with the texts that variables of the shell would have put in."""
    given = services(file)["trinax"].get("environment", {})
    return {name: value.replace("${TRINAX_ADMIN_TOKEN:-}", "") for name, value in given.items()}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_trinax_is_told_are_settings(file: Path) -> None:
    load(environment=environment(file))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_port_is_open_to_other_machines(file: Path) -> None:
    ports = [port for each in services(file).values() for port in each.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_service_gives_up_what_it_does_not_need(file: Path) -> None:
    base = services(FOLDER / "compose.yaml")
    for name, service in services(file).items():
        whole = base.get(name, {}) | service
        assert whole["cap_drop"] == ["ALL"]
        assert whole["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_volume_with_a_name_is_declared(file: Path) -> None:
    declared = yaml.safe_load(file.read_text("utf-8")).get("volumes", {})
    mounted = [each for one in services(file).values() for each in one.get("volumes", ())]
    named = {each.partition(":")[0] for each in mounted if each[0] not in "./$"}
    assert named == {*declared}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_command_at_its_head_names_it(file: Path) -> None:
    assert f"-f configs/docker/{file.name} up -d" in file.read_text("utf-8").partition("name:")[0]


def test_the_root_of_trinax_is_read_only() -> None:
    assert services(FOLDER / "compose.yaml")["trinax"]["read_only"] is True


def test_the_image_is_built_from_the_project() -> None:
    context = services(FOLDER / "compose.yaml")["trinax"]["build"]
    assert (FOLDER / context / "Dockerfile").samefile(PROJECT / "Dockerfile")


def test_another_service_is_reached_by_its_name() -> None:
    for file, key in (("qdrant", "TRINAX_INDEX_URL"), ("searxng", "TRINAX_WEB_URL")):
        url = environment(FOLDER / f"{file}.yaml")[key]
        assert url.startswith(f"http://{file}:")
        assert file in services(FOLDER / f"{file}.yaml")


def test_searxng_answers_programs() -> None:
    (volume,) = services(FOLDER / "searxng.yaml")["searxng"]["volumes"]
    settings = yaml.safe_load((FOLDER / volume.partition(":")[0]).read_text("utf-8"))
    assert "json" in settings["search"]["formats"]
    assert settings["server"]["limiter"] is False
