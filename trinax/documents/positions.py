"""Where characters stand: their lines, their bytes, their page."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

# What editors end a line with, alone or as a pair; str.splitlines() also takes form feeds, U+0085
# and U+2028.
LINE_FEED, CARRIAGE_RETURN = 10, 13
# One look back: a choice between \A and a line end takes half as long again.
LINE_START = r"(?<![^\r\n])"


def line_starts(text: str) -> list[int]:
    """Character offset of every line, the first being 0; a final line end starts one more."""
    codes = np.frombuffer(b"\0\0\0\0" + text.encode("utf-32-le"), np.uint32)[1:]
    ends = codes == LINE_FEED
    returns = codes == CARRIAGE_RETURN
    if returns.any():
        ends |= returns & (np.append(codes[1:], 0) != LINE_FEED)
    starts: list[int] = (np.flatnonzero(ends) + 1).tolist()
    return [0, *starts]


def line_starts_with(pattern: str) -> Callable[[str], Iterator[re.Match[str]]]:
    """What finds a pattern at starts of lines.

    Of a match only start(), the offset of the line, and the groups' text are to be used.
    """
    after_any = re.compile(LINE_START + pattern)
    # To go from one line feed to the next takes a fifth of looking back from every character.
    after_feed = re.compile(r"\n" + pattern)

    def found(text: str) -> Iterator[re.Match[str]]:
        if "\r" in text:
            return after_any.finditer(text)
        return after_feed.finditer("\n" + text)

    return found


def number(starts: Sequence[int], offset: int) -> int:
    """The line or page, from 1, that the character at offset stands on."""
    return bisect_right(starts, offset)


def byte_offsets(text: str, encoding: str, offsets: Iterable[int]) -> dict[int, int]:
    """Each character offset with the number of bytes before it, byte order mark aside.

    encoding: one that keeps no state between characters.
    """
    wanted = sorted(set(offsets))
    if text.isascii():
        width = len("a".encode(encoding))
        return {offset: offset * width for offset in wanted}
    found: dict[int, int] = {}
    before, total = 0, 0
    for offset in wanted:
        total += len(text[before:offset].encode(encoding))
        before = offset
        found[offset] = total
    return found
