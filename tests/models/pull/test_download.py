import hashlib
from pathlib import Path

import pytest
from filelock import FileLock

from trinax.errors import DownloadFailed
from trinax.models.catalogue.catalogue import Catalogue
from trinax.models.pull.choice import RemoteFile
from trinax.models.pull.download import PARTIALS, Sink, download

FIRST, SECOND = b"one" * 1000, b"two" * 1000


def described(name: str, content: bytes) -> RemoteFile:
    return RemoteFile(name, len(content), hashlib.sha256(content).hexdigest())


FILES = [
    described("big-00001-of-00002.gguf", FIRST),
    described("big-00002-of-00002.gguf", SECOND),
]


class Store:
    """Where files come from. broken: the name of the file whose transfer breaks halfway."""

    def __init__(self) -> None:
        self.contents = {FILES[0].path: FIRST, FILES[1].path: SECOND}
        self.broken = ""
        self.sent: list[tuple[str, int]] = []

    def fetch(self, file: RemoteFile, partial: Path, sink: Sink) -> None:
        content = self.contents[file.path]
        with partial.open("ab") as part:
            held = part.tell()
            end = len(content) // 2 if file.path == self.broken else len(content)
            part.write(content[held:end])
            self.sent.append((file.path, end - held))
            sink(end)
        if file.path == self.broken:
            raise DownloadFailed(file.path, "the connection failed")


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def get(store: Store, folder: Path, files: list[RemoteFile] = FILES) -> list[Path]:
    return download(store.fetch, files, folder, lambda held: None)


def test_whole_files_are_all_that_is_left(store: Store, folder: Path) -> None:
    paths = get(store, folder)
    assert [path.read_bytes() for path in paths] == [FIRST, SECOND]
    assert names(folder) == [file.path for file in FILES]


def test_nothing_is_seen_before_all_is_there(store: Store, folder: Path) -> None:
    store.broken = FILES[1].path
    with pytest.raises(DownloadFailed):
        get(store, folder)
    assert list(folder.glob("*.gguf")) == []
    assert Catalogue(folder).scan() == []


def test_an_interrupted_download_goes_on_where_it_was(store: Store, folder: Path) -> None:
    store.broken = FILES[1].path
    with pytest.raises(DownloadFailed):
        get(store, folder)
    store.broken, store.sent = "", []
    assert get(store, folder)[1].read_bytes() == SECOND
    assert store.sent == [(FILES[0].path, 0), (FILES[1].path, 1500)]


def test_a_wrong_checksum_is_refused_and_nothing_of_it_kept(store: Store, folder: Path) -> None:
    store.contents[FILES[0].path] = b"bad" * 1000
    with pytest.raises(DownloadFailed, match="checksum"):
        get(store, folder)
    assert list(folder.rglob("*.gguf")) == list(folder.rglob("*.part")) == []


def test_a_file_that_is_there_is_not_fetched_again(store: Store, folder: Path) -> None:
    get(store, folder)
    store.sent = []
    get(store, folder)
    assert store.sent == []


def test_another_file_of_that_name_is_not_overwritten(store: Store, folder: Path) -> None:
    folder.mkdir()
    (folder / FILES[0].path).write_bytes(b"mine")
    with pytest.raises(DownloadFailed, match="models remove"):
        get(store, folder)
    assert (folder / FILES[0].path).read_bytes() == b"mine"


def test_what_an_older_version_left_goes(store: Store, folder: Path) -> None:
    (folder / PARTIALS).mkdir(parents=True)
    (folder / PARTIALS / f"{FILES[0].path}.0123456789abcdef.part").write_bytes(b"old")
    get(store, folder)
    assert names(folder) == [file.path for file in FILES]


def test_progress_counts_all_files(store: Store, folder: Path) -> None:
    told: list[int] = []
    download(store.fetch, FILES, folder, told.append)
    assert told == [3000, 6000]


def test_two_downloads_of_a_file_do_not_meet(store: Store, folder: Path) -> None:
    (folder / PARTIALS).mkdir(parents=True)
    with (
        FileLock(folder / PARTIALS / f"{FILES[1].path}.lock"),
        pytest.raises(DownloadFailed, match="another process"),
    ):
        get(store, folder)
    assert store.sent == []


def test_a_full_disk_is_known_before(store: Store, folder: Path) -> None:
    huge = RemoteFile("huge.gguf", 10**18, "0" * 64)
    with pytest.raises(DownloadFailed, match="GB free"):
        get(store, folder, [huge])
    assert store.sent == []


def test_a_file_of_git_itself_is_verified_by_gits_checksum(store: Store, folder: Path) -> None:
    # printf 'what is up, doc?' | git hash-object --stdin
    blob = "bd9dbf5aae1a3862dd1526723246b20206e5fc37"
    store.contents["doc.gguf"] = b"what is up, doc?"
    [path] = get(store, folder, [RemoteFile("doc.gguf", 16, "", blob)])
    assert path.read_bytes() == b"what is up, doc?"


@pytest.mark.parametrize("path", ["x/.gguf", "..", "a\\b.gguf", "C:a.gguf"])
def test_a_name_cannot_lead_out_of_the_folder(store: Store, folder: Path, path: str) -> None:
    with pytest.raises(DownloadFailed, match="name"):
        get(store, folder, [RemoteFile(path, 1, "0" * 64)])
    assert store.sent == []


def test_a_folder_of_the_repository_is_none_here(store: Store, folder: Path) -> None:
    store.contents["Q8_0/a.gguf"] = FIRST
    assert get(store, folder, [described("Q8_0/a.gguf", FIRST)]) == [folder / "a.gguf"]
