"""What is read of passages, remembered for the questions that come upon them next."""

import threading
from collections.abc import Sequence
from typing import NamedTuple

from trinax.index.reading import Reading, readings
from trinax.index.records import Passage

# Some 2 kB each with the text; questions about one thing come upon the same texts.
REMEMBERED_TEXTS = 8192
# Chunks of one file share them.
REMEMBERED_CONTEXTS = 4096


class Read(NamedTuple):
    """The terms of a passage's text and of its title, headings and symbol names."""

    text: Reading
    context: Reading


def of(passages: Sequence[Passage]) -> list[Read]:
    texts = _TEXTS.of([(one.chunk.text, one.language) for one in passages])
    return list(map(Read, texts, contexts([(one.chunk.context, one.language) for one in passages])))


def contexts(texts: Sequence[tuple[str, str]]) -> list[Reading]:
    """Of headings, or of files' names, each with its language."""
    return _CONTEXTS.of(texts)


class _Remembered:
    """The readings of so many texts; those that nobody asked for longest go first. Any thread may
    use it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._held: dict[tuple[str, str], Reading] = {}

    def of(self, texts: Sequence[tuple[str, str]]) -> list[Reading]:
        """Each with its language."""
        wanted = dict.fromkeys(texts)
        with self._lock:
            found = {text: self._held.pop(text) for text in wanted if text in self._held}
        missing: dict[str, list[str]] = {}
        for text, language in wanted:
            if (text, language) not in found:
                missing.setdefault(language, []).append(text)
        for language, some in missing.items():
            keys = [(text, language) for text in some]
            found.update(zip(keys, readings(some, language), strict=True))
        with self._lock:
            self._held.update(found)
            while len(self._held) > self._limit:
                del self._held[next(iter(self._held))]
        return [found[text] for text in texts]


_TEXTS, _CONTEXTS = _Remembered(REMEMBERED_TEXTS), _Remembered(REMEMBERED_CONTEXTS)
