import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from trinax.access import database
from trinax.access.keyring import FILE, Keyring
from trinax.access.quotas import Quotas
from trinax.errors import NewerData

# As it was written before files had versions.
UNNUMBERED = """
CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    collections TEXT NOT NULL,
    models TEXT NOT NULL,
    plan TEXT NOT NULL,
    created_s INTEGER NOT NULL,
    expires_s INTEGER,
    revoked_s INTEGER,
    change INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE key_uses (
    id TEXT PRIMARY KEY,
    used_s INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO keys VALUES
    ('k1', 'laptop', 'trx_abc', 'd1', '["chat"]', 'null', 'null', 'free', 1, NULL, NULL, 1);
"""


def test_keys_of_before_there_were_versions_are_found(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as old:
        old.executescript(UNNUMBERED)
    with closing(Keyring(tmp_path / FILE)) as keyring:
        found = keyring.find("d1")
    assert found is not None
    assert found.name == "laptop"
    quotas = Quotas(tmp_path / FILE)
    quotas.reserve("k1", "web_search", [], datetime.now(UTC))
    assert quotas.used("k1", "web_search") == {}


def test_keys_of_a_newer_trinax_are_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / FILE
    with closing(sqlite3.connect(file)) as newer:
        newer.execute("PRAGMA user_version = 9")
    before = file.read_bytes()
    said = r"access.sqlite: it has version 9, and this one knows 1"
    with pytest.raises(NewerData, match=said):
        database.check(tmp_path)
    with pytest.raises(NewerData, match=said):
        Keyring(file).all()
    assert file.read_bytes() == before


def test_a_folder_without_keys_is_right(tmp_path: Path) -> None:
    database.check(tmp_path)
    assert list(tmp_path.iterdir()) == []
