import os
import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trinax.ingest.naming import PART_BYTES, PATH_BYTES, BadName, sanitised

PARTS = st.sampled_from(
    ["a.md", "..", ".", "", "con", "b", "~", "C:", "\\", "\0", " ", ".git", "x.", "\u202e", "é"]
)


def accepted(name: str) -> str | None:
    try:
        return sanitised(name)
    except BadName:
        return None


@pytest.mark.parametrize(
    "name", ["a.md", "docs/a.md", "Grüße.md", "日本語.txt", "a b.md", "Makefile", "👩‍💻.md"]
)
def test_plain_names_stay(name: str) -> None:
    assert sanitised(name) == name


def test_one_spelling_of_a_letter_is_kept() -> None:
    assert sanitised("e\u0301.md") == "é.md"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "no name"),
        ("../a.md", "leads out"),
        ("a/../b.md", "leads out"),
        ("./a.md", "leads out"),
        ("a//b.md", "leads out"),
        ("a/", "leads out"),
        ("/etc/passwd", "absolute"),
        ("C:/a.md", "Windows"),
        ("a\\b.md", "backslash"),
        ("a\0.md", "control"),
        ("a\n.md", "control"),
        ("\u202egpj.md", "control"),
        ("\ud800.md", "control"),
        (".env", "hidden"),
        (".git/a.md", "hidden"),
        ("con.md", "Windows"),
        ("docs/LPT1", "Windows"),
        ("a?.md", "Windows"),
        ("a./b.md", "dot"),
        (" a.md", "blank"),
        ("a.md ", "blank"),
        ("a" * 256 + ".md", "too long"),
        ("a/" * 40 + "a.md", "too long"),
        ("a.exe", "not be indexed: binary"),
        ("id_rsa", "not be indexed: a private key"),
        ("key.pem", "not be indexed: may hold a secret"),
        ("package-lock.json", "not be indexed: a lock file"),
        ("node_modules/a.js", "not indexed: installed"),
    ],
)
def test_bad_names_are_refused_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(BadName, match=reason):
        sanitised(name)


@given(st.text(max_size=60) | st.lists(PARTS | st.text(max_size=5), max_size=6).map("/".join))
def test_an_accepted_name_stays_below_its_folder(name: str) -> None:
    if (path := accepted(name)) is None:
        return
    parts = PurePosixPath(path).parts
    assert os.path.normpath(path) == path == "/".join(parts)
    assert not path.startswith(("/", "~/../"))
    assert ".." not in parts
    assert "\\" not in path
    assert "\0" not in path
    assert all(len(part.encode()) <= PART_BYTES for part in parts)
    assert len(path.encode()) <= PATH_BYTES
    assert unicodedata.is_normalized("NFC", path)
    assert sanitised(path) == path
