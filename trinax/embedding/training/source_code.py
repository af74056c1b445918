"""Text and pairs from Python source, such as the running Python's standard library."""

import ast
import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from trinax.embedding.training.held_out import held_out
from trinax.embedding.training.pairs import Pair

SKIPPED = frozenset({"test", "tests", "idle_test", "site-packages", "__pycache__", "lib2to3"})
PASSAGE_CHARACTERS = 1200
SHORTEST_CHARACTERS = 40

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module


def standard_library() -> Path:
    return Path(sysconfig.get_path("stdlib"))


def modules(root: Path) -> Iterator[tuple[str, str]]:
    """(dotted name, text) of each module below a folder, tests left out, in path order."""
    for file in sorted(root.rglob("*.py")):
        path = file.relative_to(root)
        if SKIPPED.isdisjoint(path.parts):
            try:
                yield ".".join(path.with_suffix("").parts), file.read_text("utf-8")
            except UnicodeDecodeError:
                continue  # a few samples of other encodings


def code_pairs(root: Path) -> Iterator[Pair]:
    """What a definition is called and said to do → its code without the docstring.

    Packages that held_out() names are left out.
    """
    for name, text in modules(root):
        if held_out(name.partition(".")[0]):
            continue
        tree = ast.parse(text)
        lines = text.splitlines()
        for node in ast.walk(tree):
            if isinstance(node, Documented):
                yield from _pairs_of(name, node, lines)


def _pairs_of(module: str, node: Documented, lines: list[str]) -> Iterator[Pair]:
    code = _code(node, lines)
    if len(code) < SHORTEST_CHARACTERS:
        return
    name = _spoken(module if isinstance(node, ast.Module) else node.name)
    source = "Python source"
    if documentation := ast.get_docstring(node):
        sentence = re.split(r"(?<=[.!?])\s|\n\s*\n", documentation, maxsplit=1)[0]
        yield Pair(sentence, code, "code", "en", source)
        yield Pair(f"{module} {name}", documentation[:PASSAGE_CHARACTERS], "code", "en", source)
    if not isinstance(node, ast.Module):
        yield Pair(name, code, "code", "en", source)


def _code(node: Documented, lines: list[str]) -> str:
    body = node.body
    if ast.get_docstring(node, clean=False) is not None:
        body = body[1:]
    if not body:
        return ""
    first = body[0].lineno - 1
    head = [] if isinstance(node, ast.Module) else [lines[node.lineno - 1]]
    last = body[-1].end_lineno
    return "\n".join(head + lines[first:last])[:PASSAGE_CHARACTERS]


def _spoken(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[._]+", " ", name).strip()
