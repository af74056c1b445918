"""Which files a glob selects."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache


def matching(pattern: str, files: Iterable[str]) -> list[str]:
    """Files that the pattern selects, in the order given.

    "*", "?" and "[…]", a set, stay within a folder, "**" spans folders. A pattern without "/"
    is compared with the file's own name, in whatever folder it stands.
    """
    match = _compiled(pattern.removeprefix("./")).match
    return [file for file in files if match(file)]


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    """An expression that goes back to the last star of each kind only: where what stood between
    two stars has been found first, a later place leaves less for the rest. Going back to all of
    them takes years.

    Source: van Engelen, Fast String Matching with Wildcards, Globs, and Gitignore-Style Globs.
    """
    if "/" not in pattern:
        pattern = f"**/{pattern}"
    beginning, *spanned = _split(_PARTS.findall(pattern.removeprefix("/")), _SPANS)
    blocks = [f"{_SPANS[span]}{_block(block)}" for span, *block in spanned]
    return re.compile(_each_first([_block(beginning), *blocks]) + r"\Z", re.S)


_PARTS = re.compile(r"(?:\A|(?<=/))\*\*/|\*+|\?|\[[^\]]+\]|.", re.S)
_SPANS = {"**/": "(?:.*?/)??", "**": ".*?"}
_STARS = {"*": "[^/]*?"}
_RANGES = re.compile(r"\w-\w|.", re.S)


def _split(parts: Sequence[str], at: Iterable[str]) -> list[list[str]]:
    """Lists of parts, all but the first beginning with one of those."""
    lists: list[list[str]] = [[]]
    for part in parts:
        part = "**" if part.startswith("***") else part
        if part in at:
            lists.append([])
        lists[-1].append(part)
    return lists


def _block(parts: Sequence[str]) -> str:
    """What stands between two that span folders."""
    beginning, *starred = _split(parts, _STARS)
    pieces = [_STARS[star] + "".join(map(_part, rest)) for star, *rest in starred]
    return _each_first(["".join(map(_part, beginning)), *pieces])


def _each_first(pieces: Sequence[str]) -> str:
    """All but the first and the last match at their first place or not at all."""
    return pieces[0] + "".join(f"(?>{piece})" for piece in pieces[1:-1]) + "".join(pieces[1:][-1:])


def _part(part: str) -> str:
    if part == "?":
        return "[^/]"
    return _set(part) if len(part) > 1 else re.escape(part)


def _set(part: str) -> str:
    negation = "^" if part[1] in "!^" else ""
    ranges = _RANGES.findall(part[1 + len(negation) : -1])
    sound = [one for one in ranges if len(one) == 1 or one[0] <= one[2]]
    if not sound:
        return re.escape(part)
    return f"(?!/)[{negation}{''.join(one if len(one) > 1 else re.escape(one) for one in sound)}]"
