import shutil
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.docs.shell import Shell

READER = Path(__file__).parent / "reader"


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as it is after a first start: the handbook is indexed."""
    home = tmp_path_factory.mktemp("reader") / "home"
    shutil.copytree(READER, home)
    shutil.copytree(ROOT / "collections" / "handbook", home / "collections" / "handbook")
    (home / ".venv").symlink_to(sys.prefix)
    (home / "configs").symlink_to(ROOT / "configs")
    with Shell(home) as shell:
        assert shell.type("trinax search trinax --limit 1").code == 0
    return home


@pytest.fixture
def home(indexed: Path, tmp_path: Path) -> Path:
    """One of one's own."""
    return shutil.copytree(indexed, tmp_path / "home", symlinks=True)
