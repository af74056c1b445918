"""Which files a glob selects."""

import re
from collections.abc import Iterable
from functools import lru_cache


def matching(pattern: str, files: Iterable[str]) -> list[str]:
    """Files that the pattern selects, in the order given.

    "*" and "?" stay within a folder, "**" spans folders, "[…]" is a set. A pattern without "/"
    is compared with the file's own name, in whatever folder it stands.
    """
    match = _compiled(pattern.removeprefix("./")).match
    return [file for file in files if match(file)]


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    if "/" not in pattern:
        pattern = f"**/{pattern}"
    return re.compile("".join(map(_part, _PARTS.findall(pattern.removeprefix("/")))) + r"\Z", re.S)


_PARTS = re.compile(r"\*\*/|/\*\*\Z|\*+|\?|\[[^\]]+\]|.", re.S)
_PLAIN = {"**/": "(?:.*/)?", "/**": "/.*", "*": "[^/]*", "?": "[^/]"}
_RANGES = re.compile(r"\w-\w|.", re.S)


def _part(part: str) -> str:
    if part in _PLAIN:
        return _PLAIN[part]
    if part.startswith("**"):
        return ".*"
    return _set(part) if len(part) > 1 else re.escape(part)


def _set(part: str) -> str:
    negation = "^" if part[1] in "!^" else ""
    ranges = _RANGES.findall(part[1 + len(negation) : -1])
    sound = [one for one in ranges if len(one) == 1 or one[0] <= one[2]]
    if not sound:
        return re.escape(part)
    return f"[{negation}{''.join(one if len(one) > 1 else re.escape(one) for one in sound)}]"
