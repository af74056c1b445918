import stat
from pathlib import Path

from trinax.access.modes import open_to, tighten


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def make(path: Path, rights: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    path.chmod(rights)
    return path


def test_who_may_read_a_file(tmp_path: Path) -> None:
    assert open_to(make(tmp_path / "a", 0o604)) == "everyone"
    assert open_to(make(tmp_path / "b", 0o640)) == "its group"
    assert open_to(make(tmp_path / "c", 0o600)) == ""
    assert open_to(tmp_path / "gone") == ""


def test_all_below_a_folder_becomes_its_owners(tmp_path: Path) -> None:
    file = make(tmp_path / "var/index/notes/segment", 0o664)
    (tmp_path / "var").chmod(0o755)
    assert tighten(tmp_path / "var", tmp_path / "var/models") == []
    assert (mode(tmp_path / "var"), mode(file), mode(file.parent)) == (0o700, 0o600, 0o700)


def test_models_stay_as_they_are(tmp_path: Path) -> None:
    model = make(tmp_path / "models/small.gguf", 0o644)
    tighten(tmp_path, tmp_path / "models")
    assert mode(model) == 0o644


def test_what_a_link_leads_to_stays_as_it_is(tmp_path: Path) -> None:
    own = make(tmp_path / "own.txt", 0o644)
    (tmp_path / "var").mkdir()
    (tmp_path / "var/link").symlink_to(own)
    (tmp_path / "var/folder").symlink_to(tmp_path)
    tighten(tmp_path / "var", tmp_path / "models")
    assert mode(own) == 0o644
