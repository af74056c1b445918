"""Names that a file can have and nobody expects, and things that are no files."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path

# Beyond the limit of a file, and of no size on the disk.
SPARSE_BYTES = 2 << 30

NAMES: Mapping[str, bytes] = {
    "line end": b"line\nend.md",
    "carriage return": b"carriage\rreturn.md",
    "tab": b"tab\there.md",
    "escape": b"\x1b[31mred.md",
    "bell": b"bell\x07.md",
    "delete": b"delete\x7f.md",
    "not UTF-8": b"latin\xe9.md",
    "half a character": b"half\xe2\x82.md",
    "surrogate": b"surrogate\xed\xa0\x80.md",
    "right to left": "txt.\u202edm.md".encode(),
    "zero width": "zero\u200bwidth.md".encode(),
    "decomposed": "cafe\u0301.md".encode(),
    "composed": "caf\u00e9.md".encode(),
    "emoji": "🪔🔥.md".encode(),
    "longest": b"n" * 252 + b".md",
    "dash": b"-rf.md",
    "blank": b" .md ",
    "only a suffix": b"x.",
    "dots": b"...md",
    "two dots": b"..note.md",
    "backslash": b"..\\..\\etc\\passwd.md",
    "drive": b"C:note.md",
    "percent": b"%2e%2e%2fpasswd.md",
    "quotes": b"\"';--.md",
    "glob": b"[a-z]*?.md",
    "shell": b"$(reboot)`id`.md",
    "markup": b"<script>alert(1)<script>.md",
    "device": b"con.md",
    "a note": b"~note.md",
}


def put_names(folder: Path) -> None:
    """A file of every name, each with some words of its own."""
    for what, name in NAMES.items():
        path = os.path.join(os.fsencode(folder), name)
        with open(path, "wb") as file:
            file.write(f"# Named oddly\n\nThis one has a name with {what} in it.\n".encode())


def put_things(folder: Path) -> None:
    """What is no file, or leads elsewhere, or is larger than the disk that holds it."""
    os.mkfifo(folder / "pipe.md")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(folder / "socket.md"))
    (folder / "loop.md").symlink_to("loop.md")
    (folder / "nowhere.md").symlink_to("missing.md")
    (folder / "outside.md").symlink_to("/etc/hostname")
    (folder / "up").symlink_to("..")
    (folder / "folder.md").mkdir()
    (folder / "folder.pdf").mkdir()
    (folder / ".gitignore").mkdir()
    for name in ("sparse.md", "sparse.pdf", "sparse.docx", "sparse"):
        with open(folder / name, "wb") as file:
            file.truncate(SPARSE_BYTES)
    with open(folder / "holes.txt", "wb") as file:
        file.truncate(5_000_000)
