"""Which server runs on a data folder: the file through which commands find it."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "server.json"


@dataclass(frozen=True, slots=True)
class Running:
    """certificate: PEM, "" for plain HTTP."""

    pid: int
    url: str
    certificate: str = ""


@contextmanager
def announced(data_dir: Path, url: str, certificate: str = "") -> Iterator[None]:
    """Leave this process's address in the data folder, readable by its owner only, meanwhile."""
    file = data_dir / FILE
    draft = data_dir / f"{FILE}.{os.getpid()}"
    data_dir.mkdir(parents=True, exist_ok=True)
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(asdict(Running(os.getpid(), url, certificate)), stream)
    draft.replace(file)
    try:
        yield
    finally:
        found = read(data_dir)
        if found is not None and found.pid == os.getpid():
            file.unlink(missing_ok=True)


def read(data_dir: Path) -> Running | None:
    """What the file says; None if there is none or it is not whole. The server may be gone."""
    try:
        found = json.loads((data_dir / FILE).read_text("utf-8"))
        return Running(int(found["pid"]), str(found["url"]), str(found.get("certificate", "")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


class Refused(Exception):
    """A server turned a command down, or is gone; the text is for the person who typed it."""
