from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models.pull.hub_server import COMMIT, REPOSITORY, HubServer
from trinax.errors import DownloadFailed, InvalidRequest
from trinax.models.pull.choice import RemoteFile
from trinax.models.pull.hub import Hub

MODEL = bytes(range(256)) * 400
NAME = "counting-Q8_0.gguf"


@pytest.fixture
def server() -> Iterator[HubServer]:
    with HubServer({NAME: MODEL, "README.md": b"# Counting"}).running() as server:
        yield server


@pytest.fixture
def file(server: HubServer) -> RemoteFile:
    """The model, as the hub lists it."""
    _, files = Hub(server.url).files(REPOSITORY)
    server.requests.clear()
    return files[0]


def fetched(server: HubServer, file: RemoteFile, partial: Path) -> list[int]:
    """What the sink was told."""
    told: list[int] = []
    Hub(server.url).fetch(REPOSITORY, COMMIT, file, partial, told.append)
    return told


def test_files_come_with_size_and_checksum(server: HubServer) -> None:
    commit, [model, readme] = Hub(server.url).files(REPOSITORY)
    assert commit == COMMIT
    assert (model.path, model.size_bytes, len(model.sha256)) == (NAME, len(MODEL), 64)
    # git hash-object of the ten bytes.
    assert (readme.sha256, len(readme.blob)) == ("", 40)


def test_a_file_arrives_whole(server: HubServer, file: RemoteFile, tmp_path: Path) -> None:
    told = fetched(server, file, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == MODEL
    assert (told[0], told[-1]) == (0, len(MODEL))


def test_a_broken_connection_is_taken_up_again(
    server: HubServer, file: RemoteFile, tmp_path: Path
) -> None:
    server.cut = [50_000]
    fetched(server, file, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == MODEL


def test_what_is_there_is_not_asked_again(
    server: HubServer, file: RemoteFile, tmp_path: Path
) -> None:
    (tmp_path / "part").write_bytes(MODEL[:60_000])
    told = fetched(server, file, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == MODEL
    assert told[0] == 60_000
    _, _, headers = server.requests[-1]
    assert headers["Range"] == "bytes=60000-"


def test_a_whole_part_asks_nothing(server: HubServer, file: RemoteFile, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(MODEL)
    fetched(server, file, tmp_path / "part")
    assert server.requests == []


def test_a_part_that_is_too_long_begins_anew(
    server: HubServer, file: RemoteFile, tmp_path: Path
) -> None:
    (tmp_path / "part").write_bytes(MODEL + b"more")
    fetched(server, file, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == MODEL


def test_a_server_without_ranges_sends_all_of_it_again(
    server: HubServer, file: RemoteFile, tmp_path: Path
) -> None:
    server.ranges = False
    (tmp_path / "part").write_bytes(MODEL[:60_000])
    fetched(server, file, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == MODEL


def test_only_what_is_pulled_is_asked_for(
    server: HubServer, file: RemoteFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of_somebody")
    Hub(server.url).files(REPOSITORY)
    fetched(server, file, tmp_path / "part")
    assert server.paths == [
        f"/api/models/{REPOSITORY}/revision/main?blobs=true",
        f"/{REPOSITORY}/resolve/{COMMIT}/{NAME}",
        f"/cdn/{NAME}",
    ]
    assert all("hf_of_somebody" not in str(headers) for _, _, headers in server.requests)


def test_a_token_is_sent(server: HubServer, tmp_path: Path) -> None:
    server.token = "secret"
    hub = Hub(server.url, "secret")
    _, files = hub.files(REPOSITORY)
    hub.fetch(REPOSITORY, COMMIT, files[0], tmp_path / "part", lambda held: None)
    assert (tmp_path / "part").read_bytes() == MODEL


@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_private_repository_asks_for_a_token(server: HubServer, token: str) -> None:
    server.token = "secret"
    with pytest.raises(DownloadFailed, match="hub_token") as caught:
        Hub(server.url, token).files(REPOSITORY)
    assert "secret" not in str(caught.value)


def test_an_unknown_repository_is_named(server: HubServer) -> None:
    with pytest.raises(DownloadFailed, match="acme/None"):
        Hub(server.url).files("acme/None")


def test_a_gated_repository_says_what_to_do(
    server: HubServer, file: RemoteFile, tmp_path: Path
) -> None:
    server.gated = True
    with pytest.raises(DownloadFailed, match="conditions"):
        fetched(server, file, tmp_path / "part")


def test_a_name_that_no_hub_takes_is_the_users_mistake(server: HubServer) -> None:
    with pytest.raises(InvalidRequest):
        Hub(server.url).files("acme/--.git")


def test_a_hub_that_is_not_there_is_a_failed_connection(tmp_path: Path) -> None:
    with HubServer({}).running() as server:
        url = server.url
    with pytest.raises(DownloadFailed, match="connection"):
        Hub(url).files(REPOSITORY)


def test_an_address_that_is_no_hub_is_named() -> None:
    server = HubServer({})
    server.described = lambda: ["not", "a", "hub"]  # type: ignore[method-assign,assignment,return-value]
    with server.running(), pytest.raises(DownloadFailed, match="hub_url"):
        Hub(server.url).files(REPOSITORY)
