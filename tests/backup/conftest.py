from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.backup.saving import indexed, saved
from trinax.access.keyring import FILE, Keyring
from trinax.access.keys import Key
from trinax.access.plans import Allowance
from trinax.access.quotas import Quotas
from trinax.settings import Settings

NOTES = {
    "kettle.md": "# Kettle\n\nThe kettle in the lab boils at 94 degrees.\n",
    "deep/er/lamp.md": "# Lamp\n\nThe lamp burns forty litres of paraffin.\n",
    "odd *?.md": "# Odd\n\nA name that Windows cannot keep.\n",
    "secret.md": "left out by a rule",
    ".trinaxignore": "secret.md\n",
}
KEY = Key("k1", "laptop", "trx_abc", "d1", frozenset({"chat"}), None, None, "free", 1)


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data folder with two collections of the collections folder, one of an outside folder, a
    key and what it has used. To be opened, but not to be changed."""
    base = tmp_path_factory.mktemp("origin")
    for name, text in NOTES.items():
        path = base / "collections" / "My Notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (base / "collections" / "empty").mkdir()
    (base / "outside").mkdir()
    (base / "outside" / "manual.md").write_text("# Manual\n\nThe centrifuge must be balanced.\n")
    settings = Settings(base=base)
    indexed(settings, {"manuals": base / "outside"})
    with closing(Keyring(settings.data_dir / FILE)) as keyring:
        keyring.add(KEY)
    day = Allowance("web_search", "day", "2026-11-29", datetime(2026, 11, 30, tzinfo=UTC), 5)
    Quotas(settings.data_dir / FILE).reserve("k1", "web_search", [day], datetime.now(UTC))
    (settings.data_dir / "audit.jsonl").write_text('{"at": "2026-11-29"}\n')
    (settings.data_dir / "paused.json").write_text('["empty"]')
    return settings


@pytest.fixture(scope="session")
def file(origin: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it. Not to be changed."""
    return saved(origin, tmp_path_factory.mktemp("saved") / "a.tar")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    return Settings(base=tmp_path / "elsewhere")
