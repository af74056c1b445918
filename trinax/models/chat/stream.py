"""Text that arrives in pieces, read by generators."""

import re
from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

T = TypeVar("T")
Wait = Generator[None, None, T]  # a bare yield waits for more text

SPACE = re.compile(r"\s+")


class Stream:
    """What came and was not read yet. Reading it whole takes time linear in its length."""

    def __init__(self) -> None:
        self._held = ""
        self._at = 0
        self._ended = False
        self._kept: list[str] | None = None

    def feed(self, piece: str) -> None:
        self._held = self._held[self._at :] + piece
        self._at = 0

    def end(self) -> None:
        self._ended = True

    def keep(self, before: str = "") -> None:
        """Remember from here on what is read; before: what to put in front of it."""
        self._kept = [before]

    def kept(self) -> str:
        """What was read since keep(); it is forgotten."""
        text, self._kept = "".join(self._kept or ()), None
        return text

    def peek(self) -> Wait[str]:
        """The next character, unread; "" at the end."""
        while self._at == len(self._held) and not self._ended:
            yield
        return self._held[self._at : self._at + 1]

    def take(self, count: int = 1) -> Wait[str]:
        """The next characters; fewer at the end."""
        while len(self._held) - self._at < count and not self._ended:
            yield
        return self._step(min(count, len(self._held) - self._at))

    def run(self, characters: re.Pattern[str]) -> Wait[str]:
        """Some of the next characters that match, as many as are here; "" if the next does not."""
        yield from self.peek()
        found = characters.match(self._held, self._at)
        return self._step(found.end() - self._at) if found else ""

    def whole(self, characters: re.Pattern[str]) -> Wait[str]:
        """All the next characters that match."""
        parts = [""]
        while part := (yield from self.run(characters)):
            parts.append(part)
        return "".join(parts)

    def skip(self, *texts: str) -> Wait[bool]:
        """Step over texts and the white space before each; False where the first other one is."""
        for text in texts:
            yield from self.whole(SPACE)
            if not (yield from self.goes_on(text)):
                return False
            self._step(len(text))
        return True

    def goes_on(self, text: str) -> Wait[bool]:
        """Whether the next characters are these; reads nothing."""
        while not self._ended and len(self._held) - self._at < len(text):
            if not text.startswith(self._held[self._at :]):
                return False
            yield
        return self._held.startswith(text, self._at)

    def until(self, marks: Sequence[str], write: Callable[[str], None]) -> Wait[str]:
        """Pass text on up to the first of the marks; the mark, read, or "" at the end."""
        search = _Search(marks)
        while True:
            if found := search.whole.search(self._held, self._at):
                write(self._step(found.start() - self._at))
                return self._step(len(found[0]))
            if self._ended:
                write(self._step(len(self._held) - self._at))
                return ""
            near_end = max(self._at, len(self._held) - search.longest)
            begun = search.begun.search(self._held, near_end)
            end = begun.start() if begun else len(self._held)
            write(self._step(end - self._at))
            yield

    def _step(self, count: int) -> str:
        text = self._held[self._at : self._at + count]
        self._at += count
        if self._kept is not None:
            self._kept.append(text)
        return text


class _Search:
    """Patterns for a set of marks, of which none begins another."""

    def __init__(self, marks: Sequence[str]) -> None:
        begun = sorted({mark[:end] for mark in marks for end in range(1, len(mark))}, key=len)
        self.whole = _any_of(marks)
        self.begun = re.compile(f"(?:{_any_of(begun[::-1]).pattern})\\Z")
        self.longest = max(map(len, marks), default=1) - 1


def _any_of(texts: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, texts)) or r"(?!)")
