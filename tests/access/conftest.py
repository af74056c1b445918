import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trinax.access import keys
from trinax.access.keyring import FILE, Keyring
from trinax.access.keys import Key

KEY = Key(
    id="key_1",
    name="editor",
    prefix="trx_12345678",
    digest="",
    scopes=frozenset({"chat", "search"}),
    collections=None,
    models=None,
    plan="free",
    created_s=int(time.time()),
)


def added(keyring: Keyring, **fields: Any) -> str:
    """The secret of a new key that is KEY but for some fields."""
    secret = keys.new_secret()
    prefix, digest = secret[: keys.SHOWN_CHARACTERS], keys.digest(secret)
    keyring.add(replace(KEY, prefix=prefix, digest=digest, **fields))
    return secret


@pytest.fixture
def keyring(tmp_path: Path) -> Iterator[Keyring]:
    with closing(Keyring(tmp_path / FILE)) as keyring:
        yield keyring
