"""Names that files may have in a collection, whoever sends them and wherever they go."""

import re
import unicodedata

from trinax.ingest import rules

# A part of a path is limited by file systems, a whole path by those of other machines.
PART_BYTES = 255
PATH_BYTES = 1000
MOST_PARTS = 32

# Windows opens devices by these names, whatever the suffix, and keeps no name with these signs.
DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?")
SIGNS = re.compile(r'[<>:"|?*]')
# Control characters, halves of pairs, ends of lines and paragraphs.
UNSEEN = ("Cc", "Cs", "Zl", "Zp")
# They turn the direction of writing: "gpj.exe" can look like another name.
TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class BadName(Exception):
    """`reason` is one clause."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def sanitised(name: str) -> str:
    """The path of a file below its collection's folder, in NFC, with "/" between parts.

    Raises BadName for what could lead elsewhere, cannot lie on every system, or is never indexed.
    """
    if not name:
        raise BadName("it has no name")
    if len(name) > PATH_BYTES:
        raise BadName("its path is too long")
    path = unicodedata.normalize("NFC", name)
    if any(unicodedata.category(sign) in UNSEEN for sign in path) or TURNING.search(path):
        raise BadName("its name holds control characters")
    if "\\" in path:
        raise BadName("its name holds a backslash; use / between folders")
    if path.startswith("/"):
        raise BadName("its path is absolute")
    if len(path.encode()) > PATH_BYTES or path.count("/") >= MOST_PARTS:
        raise BadName("its path is too long")
    for part in path.split("/"):
        _check(part)
    _check_kind(path)
    return path


def _check_kind(path: str) -> None:
    *folders, file = path.split("/")
    if reason := next(filter(None, map(rules.generated_folder, folders)), ""):
        raise BadName(f"it lies in a folder that is not indexed: {reason}")
    if reason := rules.forbidden(file) or rules.generated_file(file):
        raise BadName(f"it would not be indexed: {reason}")


def _check(part: str) -> None:
    if part in ("", ".", ".."):
        raise BadName("its path leads out of itself")
    if rules.hidden(part):
        raise BadName("hidden files and folders are not indexed")
    if part[-1] in ". " or part[0] == " ":
        raise BadName("a part of its path begins or ends with a blank, or ends with a dot")
    if SIGNS.search(part) or DEVICES.fullmatch(part.lower()):
        raise BadName("a part of its path cannot be a name on Windows")
    if len(part.encode()) > PART_BYTES:
        raise BadName("a part of its path is too long")
