import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.gguf_files import tiny_llama
from tests.models.pull.hub_server import COMMIT, REPOSITORY, HubServer
from trinax.cli import main
from trinax.cli.pulling import pull
from trinax.configuration import load, profile


@pytest.fixture
def model(tmp_path: Path) -> bytes:
    return tiny_llama(tmp_path / "made.gguf").read_bytes()


@pytest.fixture
def server(model: bytes) -> Iterator[HubServer]:
    files = {"Counting-Q4_K_M.gguf": model, "Counting-Q8_0.gguf": model + b"\0" * 32}
    with HubServer(files).running() as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


class Command:
    def __init__(self, server: HubServer, folder: Path) -> None:
        self._environment = {"TRINAX_MODELS_HUB_URL": server.url}
        self._folder = folder

    def __call__(self, *arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(
            main,
            ["models", "pull", *arguments, "--models-dir", str(self._folder)],
            env=self._environment | environment,
        )


@pytest.fixture
def run(server: HubServer, folder: Path) -> Command:
    return Command(server, folder)


def test_a_model_is_pulled_and_listed(run: Command, folder: Path) -> None:
    result = run(REPOSITORY)
    assert result.exit_code == 0
    assert result.stdout == f"counting-q4_k_m is in {folder}, whole and verified.\n"
    listed = CliRunner().invoke(main, ["models", "list", "--models-dir", str(folder)])
    assert "counting-q4_k_m" in listed.stdout


def test_a_quantisation_is_chosen(run: Command, folder: Path) -> None:
    assert run(f"{REPOSITORY}:q8_0").exit_code == 0
    assert [path.name for path in folder.iterdir()] == ["Counting-Q8_0.gguf"]


def test_a_file_is_chosen(run: Command, folder: Path) -> None:
    assert run(REPOSITORY, "--file", "Counting-Q8_0.gguf").exit_code == 0
    assert [path.name for path in folder.iterdir()] == ["Counting-Q8_0.gguf"]


def test_what_is_not_there_lists_the_choices(run: Command, folder: Path) -> None:
    result = run(f"{REPOSITORY}:Q2_K")
    assert result.exit_code == 1
    assert "Counting-Q8_0.gguf" in result.stderr
    assert not folder.exists()


def test_an_interrupted_pull_goes_on_where_it_was(
    run: Command, server: HubServer, folder: Path, model: bytes
) -> None:
    assert run(REPOSITORY).exit_code == 0
    [target] = folder.iterdir()
    checksum = server.described()["siblings"][0]["lfs"]["sha256"]
    (folder / ".pull").mkdir()
    target.unlink()
    # What a process leaves that was killed.
    (folder / ".pull" / f"{target.name}.{checksum[:16]}.part").write_bytes(model[:100_000])
    assert run(REPOSITORY).exit_code == 0
    assert target.read_bytes() == model
    _, path, headers = server.requests[-1]
    assert (path, headers["Range"]) == ("/cdn/Counting-Q4_K_M.gguf", "bytes=100000-")


def test_a_wrong_checksum_is_refused(run: Command, server: HubServer, folder: Path) -> None:
    name = "Counting-Q4_K_M.gguf"
    server.altered[name] = b"\0" * len(server.files[name])
    result = run(REPOSITORY)
    assert result.exit_code == 1
    assert "checksum" in result.stderr
    assert list(folder.rglob("*.gguf")) == []


def test_a_token_is_sent_and_never_shown(run: Command, server: HubServer) -> None:
    server.token = "hf_secret"
    refused = run(REPOSITORY, TRINAX_MODELS_HUB_TOKEN="hf_wrong")
    assert (refused.exit_code, "hf_" in refused.output) == (1, False)
    assert run(REPOSITORY, TRINAX_MODELS_HUB_TOKEN="hf_secret").exit_code == 0


def test_a_role_stands_for_what_the_profile_recommends(run: Command, server: HubServer) -> None:
    result = run("embed", TRINAX_MODELS_PROFILE="lite")
    assert result.exit_code == 1  # this hub has only one repository
    [path] = server.paths
    wanted = profile("lite", 0).recommended["embed"].source.split(":")[0]
    assert path == f"/api/models/{wanted}/revision/main?blobs=true"


def test_neither_a_role_nor_a_repository_is_explained(run: Command) -> None:
    result = run("biggest")
    assert result.exit_code == 1
    assert "OWNER/NAME" in result.stderr


def test_ids_are_those_of_the_catalogue(server: HubServer, folder: Path) -> None:
    (folder / "other").mkdir(parents=True)
    tiny_llama(folder / "other" / "Counting-Q4_K_M.gguf")
    flags = {"models": {"hub_url": server.url}, "paths": {"models": str(folder)}}
    assert pull(load(environment={}, flags=flags), REPOSITORY, "") == "counting-q4_k_m"
    assert server.paths[1] == f"/{REPOSITORY}/resolve/{COMMIT}/Counting-Q4_K_M.gguf"


def test_a_program_is_told_what_was_pulled(run: Command, folder: Path) -> None:
    pulled = json.loads(run(REPOSITORY, "--json").stdout)
    assert (pulled["id"], pulled["kind"]) == ("counting-q4_k_m", "generate")
    assert Path(pulled["files"][0]).parent == folder
