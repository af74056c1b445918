"""Citations in an answer while it is being written: only numbers of real passages survive."""

import re
from collections.abc import Collection

# "[1]", "[1, 3]", "[1-3]", "[^1]", "【1】" and "【1†source】", which models trained on other
# products write.
# Every repetition has a limit: texts may be long, and hostile.
CITATION = re.compile(
    r"[\[【]\s{0,3}\^?(?:passages?\s|sources?\s)?"
    r"(\d{1,3}(?:\s{0,3}[-–,，、;]\s{0,3}\d{1,3}){0,12})\s{0,3}(?:†[^\]】]{0,30})?[\]】]",
    re.IGNORECASE,
)
RANGE = re.compile(r"(\d+)\s*[-–]\s*(\d+)|(\d+)")
# A bracket that is still open after so many characters encloses something else.
LONGEST_CITATION = 40
OPENING, CLOSING = "[【", "]】"


def cited(text: str) -> list[int]:
    """The numbers that a text cites outside code, in order, each once."""
    found: dict[int, None] = {}
    for match in CITATION.finditer(_without_code(text)):
        found.update(dict.fromkeys(_numbers(match[1])))
    return list(found)


def without_citations(text: str) -> str:
    """The text without its citations and the space before each."""
    return re.sub(rf"[ \t]{{0,4}}{CITATION.pattern}", "", text, flags=re.IGNORECASE)


class CitationFilter:
    """Passes one choice's text on, with each citation reduced to the numbers that exist.

    Text is held back only from an opening bracket until it is decided, and with it the space
    before, which a citation of nothing takes along. Citations come out as "[1][3]". What stands
    in code (between backticks) passes untouched: `xs[0]` is no citation.
    """

    def __init__(self, known: Collection[int]) -> None:
        self._known = known
        self._held = ""
        self._code = _Code()

    def feed(self, text: str) -> str:
        """What can be shown now that text has arrived."""
        return "".join(map(self._next, text))

    def flush(self) -> str:
        """What was held back, at the end of the text."""
        held, self._held = self._held, ""
        return held

    def _next(self, character: str) -> str:
        self._code.step(character)
        if self._code.inside:
            return self.flush() + character
        if character == " " and not self._held.strip():
            shown = self.flush() if len(self._held) == LONGEST_CITATION else ""
            self._held += character
            return shown
        if character in OPENING:
            # The bracket that was open encloses more than a citation.
            shown = self.flush() if self._held.strip() else ""
            self._held += character
            return shown
        if not self._held.strip():
            return self.flush() + character
        self._held += character
        if character in CLOSING:
            return self._decided()
        return self.flush() if character == "\n" or len(self._held) > LONGEST_CITATION else ""

    def _decided(self) -> str:
        space, citation = _split(self.flush())
        match = CITATION.fullmatch(citation)
        if match is None:
            return space + citation
        numbers = [number for number in _numbers(match[1]) if number in self._known]
        return space + "".join(f"[{number}]" for number in numbers) if numbers else ""


class _Code:
    """Whether the characters so far leave a text inside Markdown code."""

    def __init__(self) -> None:
        self.inside = False
        self._ticks = 0
        self._opened_by = 0

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


def _numbers(listed: str) -> list[int]:
    numbers: list[int] = []
    for match in RANGE.finditer(listed):
        if match[3]:
            numbers.append(int(match[3]))
        else:
            numbers += range(int(match[1]), int(match[2]) + 1)
    return list(dict.fromkeys(numbers))


def _split(held: str) -> tuple[str, str]:
    text = held.lstrip(" ")
    return held[: len(held) - len(text)], text


def _without_code(text: str) -> str:
    code = _Code()
    kept = []
    for character in text:
        code.step(character)
        kept.append("`" if code.inside else character)
    return "".join(kept)
