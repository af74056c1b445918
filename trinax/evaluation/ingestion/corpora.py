"""What is indexed: real text and code, found on any machine with a Python, and made-up notes."""

import inspect
import random
import re
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from pydoc_data.topics import topics

from trinax.evaluation.workload import copy_stdlib

SEED = 11
TEXT_BYTES = 8_000_000
LEAST_PAGE_CHARACTERS = 600
FOLDER_FILES = 100  # notes in a folder
NOTE_SENTENCES = 10  # about 120 words, one chunk
SENTENCE_WORDS = 12
# The name of what is documented, and its words.
DOCUMENTED = re.compile(
    r'^[ \t]*(?:async )?(?:def|class)[ ]+(\w+)[^"]{0,400}?:\s*[rR]?"""(.{60,}?)"""', re.M | re.S
)
WORD = re.compile(r"[a-z]{3,}")


def code(folder: Path) -> int:
    """The modules of the standard library; returns the number of files."""
    return len(copy_stdlib(folder))


def text(folder: Path, limit_bytes: int = TEXT_BYTES) -> int:
    """Markdown pages, as code(): pydoc's topics, then what modules say of their functions, the
    standard library's first and then those of installed packages, until there is enough."""
    folder.mkdir(parents=True, exist_ok=True)
    size_bytes, seen = 0, set[str]()
    for name, page in _pages():
        if page in seen:
            continue  # a file of the same bytes would take over vectors
        seen.add(page)
        path = folder / f"{len(seen):05}-{name}.md"
        size_bytes += path.write_bytes(f"# {name}\n\n{page}\n".encode(errors="replace"))
        if size_bytes >= limit_bytes:
            break
    return len(seen)


def notes(folder: Path, count: int, first: int = 0) -> int:
    """Notes of one chunk each, a hundred to a folder, all different; returns their bytes.

    first: number of the first note. A note is the same for the same number.
    """
    size_bytes = 0
    for number in range(first, first + count):
        path = note_path(folder, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        size_bytes += path.write_bytes(note(number).encode())
    return size_bytes


def note_path(folder: Path, number: int) -> Path:
    return folder / f"{number // FOLDER_FILES:04}" / f"note-{number:05}.md"


def note(number: int, edition: int = 0) -> str:
    """Its text; another in each edition."""
    chance = random.Random(f"{SEED}/{number}/{edition}")
    sentences = (
        " ".join(chance.choices(_vocabulary(), k=SENTENCE_WORDS)).capitalize() + "."
        for _ in range(NOTE_SENTENCES)
    )
    return f"# Note {number}\n\n{' '.join(sentences)}\n"


@cache
def _vocabulary() -> list[str]:
    return sorted({word for topic in topics.values() for word in WORD.findall(topic)})


def _pages() -> Iterator[tuple[str, str]]:
    yield from topics.items()
    library, installed = (Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib"))
    for folder in (library, installed):
        for path in sorted(folder.rglob("*.py")):
            if folder == library and installed in path.parents:
                continue
            source = path.read_text("utf-8", "replace")
            parts = (
                f"## {match[1]}\n\n{inspect.cleandoc(match[2])}"
                for match in DOCUMENTED.finditer(source)
            )
            page = "\n\n".join(parts)
            if len(page) >= LEAST_PAGE_CHARACTERS:
                yield path.stem, page
