import sqlite3
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.access.conftest import KEY, added
from trinax.access import keyring as module
from trinax.access import keys
from trinax.access.keyring import FILE, Keyring
from trinax.errors import InvalidRequest, KeyNotFound, KeysFailed

ADDING = """
import sys
from pathlib import Path
from tests.access.conftest import added
from trinax.access.keyring import Keyring

path, letter = Path(sys.argv[1]), sys.argv[2]
for number in range(5):
    added(Keyring(path), id=f"key_{letter}{number}", name=f"{letter}{number}")
"""


def found(keyring: Keyring, secret: str) -> str:
    key = keyring.find(keys.digest(secret))
    return "" if key is None else key.ended(time.time()) or key.id


def test_a_key_comes_back_as_it_was_put(keyring: Keyring) -> None:
    limits = {"collections": frozenset({"b", "a"}), "models": frozenset({"auto"}), "expires_s": 9}
    secret = added(keyring, **limits)
    kept = keyring.find(keys.digest(secret))
    assert kept == replace(KEY, prefix=secret[:12], digest=keys.digest(secret), **limits)  # type: ignore[arg-type]


def test_no_secret_is_kept(keyring: Keyring, tmp_path: Path) -> None:
    secret = added(keyring)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret[:12].encode() in kept
    assert secret[12:].encode() not in kept


def test_the_files_are_for_their_owner(keyring: Keyring, tmp_path: Path) -> None:
    found(keyring, added(keyring))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert {FILE, f"{FILE}-wal"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_a_key_of_another_process_is_known_at_once(keyring: Keyring, tmp_path: Path) -> None:
    assert found(keyring, keys.new_secret()) == ""
    other = Keyring(tmp_path / FILE)
    assert found(keyring, added(other)) == "key_1"


def test_what_another_process_revokes_ends_within_a_second(
    keyring: Keyring, tmp_path: Path
) -> None:
    secret = added(keyring)
    assert found(keyring, secret) == "key_1"
    Keyring(tmp_path / FILE).revoke("editor", 1)
    deadline = time.monotonic() + 1
    while found(keyring, secret) != "revoked":
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_a_rotated_key_has_another_secret_and_the_same_id(keyring: Keyring, tmp_path: Path) -> None:
    old, new = added(keyring), keys.new_secret()
    keyring.rotate("editor", new[:12], keys.digest(new))
    assert (found(keyring, new), len(keyring.all())) == ("key_1", 1)
    with closing(Keyring(tmp_path / FILE)) as fresh:
        assert found(fresh, old) == ""


@pytest.mark.parametrize("name", ["editor", "key_1", ""])
def test_a_key_is_named_by_name_id_or_prefix(name: str, keyring: Keyring) -> None:
    secret = added(keyring)
    assert keyring.named(name or secret[:12]).id == "key_1"


def test_an_unknown_key_is_said_so(keyring: Keyring) -> None:
    for use in (keyring.named, lambda name: keyring.revoke(name, 1)):
        with pytest.raises(KeyNotFound, match="'nobody'"):
            use("nobody")


def test_a_name_is_taken_until_its_key_is_revoked(keyring: Keyring) -> None:
    added(keyring)
    with pytest.raises(InvalidRequest, match="'editor' exists"):
        added(keyring, id="key_2")
    keyring.revoke("editor", 1)
    added(keyring, id="key_2")
    assert keyring.named("editor").id == "key_2"


def test_a_revoked_key_is_not_revived(keyring: Keyring) -> None:
    added(keyring)
    keyring.revoke("editor", 5)
    assert keyring.revoke("editor", 9).revoked_s == 5
    with pytest.raises(InvalidRequest, match="revoked"):
        keyring.rotate("editor", "trx_", "0")


def test_the_last_use_is_written_once_a_minute(keyring: Keyring) -> None:
    added(keyring)
    assert [keyring.use_is_due("key_1") for _ in range(3)] == [True, False, False]
    keyring.note_use("key_1", 77)
    assert keyring.named("key_1").used_s == 77


def test_a_last_use_that_cannot_be_written_is_left_out(keyring: Keyring, tmp_path: Path) -> None:
    added(keyring)
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        keyring.note_use("key_1", 77)
    assert keyring.named("key_1").used_s is None


def test_a_lookup_waits_for_no_writer(keyring: Keyring, tmp_path: Path) -> None:
    secret = added(keyring)
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began_s = time.monotonic()
        assert found(keyring, secret) == "key_1"
        assert time.monotonic() - began_s < module.REQUEST_WAIT_S


def test_a_broken_file_lets_nobody_in(keyring: Keyring, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database at all" * 100)
    with pytest.raises(KeysFailed) as failure:
        keyring.find(keys.digest(keys.new_secret()))
    assert str(tmp_path) not in str(failure.value)


def test_a_replaced_file_counts(keyring: Keyring, tmp_path: Path) -> None:
    old = added(keyring)
    assert found(keyring, old) == "key_1"
    other = Keyring(tmp_path / "other.sqlite")
    new = added(other, id="key_2")
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"{FILE}{suffix}").unlink()
    (tmp_path / "other.sqlite").replace(tmp_path / FILE)
    assert (found(keyring, new), found(keyring, old)) == ("key_2", "")


def test_threads_share_it(keyring: Keyring) -> None:
    def add(number: int) -> str:
        return found(keyring, added(keyring, id=f"key_{number}", name=str(number)))

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(add, range(10, 40))) == [f"key_{n}" for n in range(10, 40)]


def test_processes_share_it(tmp_path: Path) -> None:
    path = tmp_path / FILE
    running = [subprocess.Popen([sys.executable, "-c", ADDING, str(path), name]) for name in "abcd"]
    assert [each.wait(60) for each in running] == [0] * 4
    assert len(Keyring(path).all()) == 20
