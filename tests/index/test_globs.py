from time import perf_counter

import pytest

from trinax.index.globs import matching

FILES = ["a.py", "src/a.py", "src/web/b.py", "src/web/c[1].md", "notes/Über uns.md"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.py", ["a.py", "src/a.py", "src/web/b.py"]),
        ("a.py", ["a.py", "src/a.py"]),
        ("/a.py", ["a.py"]),
        ("./src/*.py", ["src/a.py"]),
        ("src/*", ["src/a.py"]),
        ("src/**", ["src/a.py", "src/web/b.py", "src/web/c[1].md"]),
        ("**/b.py", ["src/web/b.py"]),
        ("**", FILES),
        ("src/**/*.py", ["src/a.py", "src/web/b.py"]),
        ("[ab].py", ["a.py", "src/a.py", "src/web/b.py"]),
        ("[!a].py", ["src/web/b.py"]),
        ("src[!x]a.py", []),
        ("c[[]1].md", ["src/web/c[1].md"]),
        ("s*/*b/*1?*d", ["src/web/c[1].md"]),
        ("**/w*/*.*", ["src/web/b.py", "src/web/c[1].md"]),
        ("s**b**y", ["src/web/b.py"]),
        ("?ber*.md", ["notes/Über uns.md"]),
        ("A.PY", []),
        ("a(py", []),
        ("[", []),
        ("[]", []),
        ("[z-a]*", []),
        ("", []),
    ],
)
def test_a_glob_selects_files(pattern: str, found: list[str]) -> None:
    assert matching(pattern, FILES) == found


@pytest.mark.parametrize("pattern", ["*?" * 1000 + "Z", "**/*a" * 1000 + "Z", "**a?" * 1000 + "Z"])
def test_no_glob_takes_long(pattern: str) -> None:
    began = perf_counter()
    assert matching(pattern, ["a/" * 50 + "a" * 100] * 10) == []
    assert perf_counter() - began < 5
