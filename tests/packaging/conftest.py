from pathlib import Path

import pytest

from tests.packaging.installation import PROJECT, Installed, built, installed


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(PROJECT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def package(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return installed(wheel, tmp_path_factory.mktemp("installed"))
