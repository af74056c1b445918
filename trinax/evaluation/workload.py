"""What the bench works on: Python's own standard library, and questions about it."""

import ast
import random
import re
import shutil
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

# "venv" is a module here; trinax takes a folder of that name for a virtual environment.
LEFT_OUT = {"test", "tests", "idle_test", "site-packages", "__pycache__", "venv"}
SEED = 7
SENTENCE = re.compile(r"(.+?[.?!])(?:\s|$)", re.DOTALL)

# Puts Python modules into a folder and returns their paths.
Copy = Callable[[Path], list[Path]]
SHORTEST_WORDS, LONGEST_WORDS = 5, 20


def copy_stdlib(folder: Path) -> list[Path]:
    """Copy the modules of the standard library, tests aside, and return the copies, sorted."""
    source = Path(sysconfig.get_path("stdlib"))
    copies = []
    for path in sorted(source.rglob("*.py")):
        inside = path.relative_to(source)
        if LEFT_OUT.isdisjoint(inside.parts):
            copy = folder / inside
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            copies.append(copy)
    return copies


def questions(files: list[Path], count: int) -> list[str]:
    """Distinct first sentences of docstrings in the files, the same at every run."""
    found = sorted({sentence for file in files for sentence in _sentences(file)})
    return random.Random(SEED).sample(found, min(count, len(found)))


def first_sentence(docstring: str) -> str:
    """On one line; "" if there is none with an end."""
    first = SENTENCE.match(docstring)
    return " ".join(first[1].split()) if first else ""


def _sentences(file: Path) -> Iterator[str]:
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):  # the library holds files that are wrong on purpose
        return
    documented = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
    for node in ast.walk(tree):
        if isinstance(node, documented):
            sentence = first_sentence(ast.get_docstring(node) or "")
            if SHORTEST_WORDS <= len(sentence.split()) <= LONGEST_WORDS:
                yield sentence
