"""Where characters stand: their lines, their bytes, their page."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import numpy as np

# What editors end a line with, alone or as a pair; str.splitlines() also takes form feeds, U+0085
# and U+2028.
LINE_FEED, CARRIAGE_RETURN = 10, 13


def line_starts(text: str) -> list[int]:
    """Character offset of every line, the first being 0; a final line end starts one more."""
    codes = np.frombuffer(b"\0\0\0\0" + text.encode("utf-32-le"), np.uint32)[1:]
    ends = codes == LINE_FEED
    returns = codes == CARRIAGE_RETURN
    if returns.any():
        ends |= returns & (np.append(codes[1:], 0) != LINE_FEED)
    starts: list[int] = (np.flatnonzero(ends) + 1).tolist()
    return [0, *starts]


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
