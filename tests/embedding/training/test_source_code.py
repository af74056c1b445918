from pathlib import Path

import pytest

from trinax.embedding.training.held_out import held_out
from trinax.embedding.training.pairs import Pair
from trinax.embedding.training.source_code import code_pairs, modules

SOURCE = '''\
"""Names of files. More about them."""

def splitPath_fast(path):
    """Cut a path into its parts.

    Further words.
    """
    return path.replace("\\\\", "/").split("/")
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files" / "test").mkdir(parents=True)
    (tmp_path / "files" / "names.py").write_text(SOURCE)
    (tmp_path / "files" / "test" / "test_names.py").write_text("assert True")
    (tmp_path / "files" / "latin.py").write_bytes(b"# caf\xe9")
    return tmp_path


def test_tests_and_undecodable_files_are_left_out(folder: Path) -> None:
    assert list(modules(folder)) == [("files.names", SOURCE)]


def test_function_is_paired_with_its_code_without_the_docstring(folder: Path) -> None:
    code = 'def splitPath_fast(path):\n    return path.replace("\\\\", "/").split("/")'
    found = list(code_pairs(folder))
    assert Pair("Cut a path into its parts.", code, "code", "en", "Python source") in found
    assert Pair("split Path fast", code, "code", "en", "Python source") in found


def test_module_is_paired_with_its_code(folder: Path) -> None:
    passages = [pair.passage for pair in code_pairs(folder) if pair.query == "Names of files."]
    assert passages
    assert passages[0].startswith("def splitPath_fast(path):")


def test_packages_kept_for_measuring_are_left_out(tmp_path: Path) -> None:
    packages = [f"package{number}" for number in range(40)]
    for package in packages:
        (tmp_path / package).mkdir()
        (tmp_path / package / "names.py").write_text(SOURCE)
    spoken = {pair.query for pair in code_pairs(tmp_path)}
    seen = [package for package in packages if f"{package}.names {package} names" in spoken]
    assert seen == [package for package in packages if not held_out(package)]
    assert 0 < len(seen) < len(packages)
