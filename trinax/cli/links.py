"""Links that a terminal opens at a click (OSC 8), to the files that passages stand in."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from trinax.configuration import terminal
from trinax.index.ledger import SCHEMA, added_roots
from trinax.ingest.folders import listing, roots
from trinax.ingest.scan import Root
from trinax.settings import Settings

Row = Mapping[str, Any]
# A passage's address, "" for none.
Link = Callable[[Row], str]

# By TERM_PROGRAM: the version from which it takes links.
PROGRAMS: Mapping[str, tuple[int, ...]] = {
    "iTerm.app": (3, 1),
    "WezTerm": (20200620,),
    "ghostty": (),
    "tmux": (3, 4),
    "vscode": (1, 72),
    "zed": (),
}
TERMS = ("alacritty", "foot", "xterm-ghostty", "xterm-kitty")
# As GNOME's Terminal and its relatives count; 5000 itself crashes at a link.
LEAST_VTE = 5001
# How the line stands behind the file's address, where the program is known to read it there.
LINES: Mapping[str, str] = {"vscode": "#L{}", "xterm-kitty": "#{}"}


def linking(settings: Settings) -> Link:
    """What gives passages their addresses; none where the terminal is not known to take links.

    Only of files that are on this machine: a server never tells where they lie.
    """
    environment = terminal()
    if not takes_links(environment):
        return lambda row: ""
    line = LINES.get(environment.get("TERM_PROGRAM", ""), "") or LINES.get(
        environment.get("TERM", ""), ""
    )
    folders = _Folders(settings)

    def link(row: Row) -> str:
        if row.get("url"):
            return str(row["url"])
        file = folders.file(row["collection_id"], row["file"])
        return file.as_uri() + line.format(row["start_line"]) if file else ""

    return link


def takes_links(environment: Mapping[str, str]) -> bool:
    """What is not known to take links may print what a link is made of.

    environment: of the variables that terminals set. FORCE_HYPERLINK decides, 0 for no.
    Source: the list that the npm package supports-hyperlinks keeps.
    """
    if "FORCE_HYPERLINK" in environment:
        return environment["FORCE_HYPERLINK"] != "0"
    if "WT_SESSION" in environment or environment.get("TERM") in TERMS:
        return True
    least = PROGRAMS.get(environment.get("TERM_PROGRAM", ""))
    if least is not None:
        return _version(environment.get("TERM_PROGRAM_VERSION", "")) >= least
    vte = environment.get("VTE_VERSION", "")
    return vte.isdigit() and int(vte) >= LEAST_VTE


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))


class _Folders:
    """Where the files of collections lie on this machine."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._own = listing(settings.collections_dir).folders
        self._added = added_roots(settings.data_dir / SCHEMA.file)
        self._roots: dict[str, Sequence[Root]] = {}

    def file(self, collection: str, name: str) -> Path | None:
        """The file, if it is there."""
        for root in self._of(collection):
            path = root.folder / name.removeprefix(root.prefix)
            if name.startswith(root.prefix) and path.is_file():
                return path.absolute()
        return None

    def _of(self, collection: str) -> Sequence[Root]:
        if collection not in self._roots:
            configured = self._settings.roots.get(collection, ())
            added = [*self._added.get(collection, ())]
            added += [self._settings.base / folder for folder in configured]
            self._roots[collection] = roots(self._own.get(collection), added)
        return self._roots[collection]
