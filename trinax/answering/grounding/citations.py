"""How citations are written, and where in a text they are none."""

import re
from dataclasses import dataclass

# "[1]", "[1, 3]", "[1-3]", "[^1]", "【1】", "【1†source】" and "【1:0†source】", which models
# trained on other products write.
# Every repetition has a limit: texts may be long, and hostile.
CITATION = re.compile(
    r"[\[【]\s{0,3}\^?(?:passages?\s|sources?\s)?"
    r"(\d{1,3}(?:\s{0,3}[-–,，、;]\s{0,3}\d{1,3}){0,12})\s{0,3}(?:(?::\d{1,4})?†[^\]】]{0,30})?[\]】]",
    re.IGNORECASE,
)
RANGE = re.compile(r"(\d+)\s*[-–]\s*(\d+)|(\d+)")
# A bracket that is still open after so many characters encloses something else.
LONGEST_CITATION = 40
OPENING, CLOSING = "[【", "]】"


@dataclass(frozen=True, slots=True)
class Citation:
    """start, end: of the brackets, in characters, half open. numbers: in them."""

    start: int
    end: int
    numbers: tuple[int, ...]


def citations(text: str) -> list[Citation]:
    """Those outside code, in order."""
    return [
        Citation(*match.span(), tuple(numbers(match[1])))
        for match in CITATION.finditer(_without_code(text))
    ]


def cited(text: str) -> list[int]:
    """The numbers that a text cites outside code, in order, each once."""
    return list(dict.fromkeys(n for each in citations(text) for n in each.numbers))


def without_citations(text: str) -> str:
    """The text without its citations and the space before each."""
    return re.sub(rf"[ \t]{{0,4}}{CITATION.pattern}", "", text, flags=re.IGNORECASE)


class Code:
    """Whether the characters so far leave a text inside Markdown code."""

    def __init__(self) -> None:
        self.inside = False
        self._ticks = 0
        self._opened_by = 0

    @property
    def fenced(self) -> bool:
        return self.inside and self._opened_by >= 3

    def step(self, character: str) -> None:
        if character == "`":
            self._ticks += 1
            return
        if self._ticks:
            self._run(self._ticks)
            self._ticks = 0
        # Inline code does not cross lines; without this a stray backtick would hide all the rest.
        if character == "\n" and self._opened_by < 3:
            self.inside, self._opened_by = False, 0

    def _run(self, ticks: int) -> None:
        if not self.inside:
            self.inside, self._opened_by = True, ticks
        elif ticks == self._opened_by or ticks >= 3 == self._opened_by:
            self.inside, self._opened_by = False, 0


def numbers(listed: str) -> list[int]:
    """What a match of CITATION lists, ranges counted out, each once."""
    found: list[int] = []
    for match in RANGE.finditer(listed):
        if match[3]:
            found.append(int(match[3]))
        else:
            found += range(int(match[1]), int(match[2]) + 1)
    return list(dict.fromkeys(found))


def _without_code(text: str) -> str:
    code = Code()
    kept = []
    for character in text:
        code.step(character)
        kept.append("`" if code.inside else character)
    return "".join(kept)
