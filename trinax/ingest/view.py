"""What all roots of a collection hold together."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from trinax.index.ledger import Row
from trinax.ingest.records import Failure
from trinax.ingest.scan import Found, Limits, Root, Scan, scan


@dataclass(frozen=True, slots=True)
class View:
    """files: by name in the collection. roots: key of the root that each stands under.

    missing: key of each root that could not be listed, and why.
    """

    files: dict[str, Found] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    scans: list[Scan] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def unseen(self) -> set[str]:
        """Files and folders ("docs/") that could not be looked at."""
        return {failure.file for one in self.scans for failure in one.failed} - self.files.keys()


def view(roots: Sequence[Root], limits: Limits) -> View:
    """Of several files of one name, the first root's counts; the others are failures."""
    whole = View()
    for root in roots:
        try:
            seen = scan(root, limits)
        except OSError as exc:
            whole.missing[root.key] = (
                f"the folder {root.folder.name!r} cannot be read ({exc.strerror}); what was indexed"
                " of it is still served, and it is looked at again when it is back"
            )
            continue
        hidden = [
            Failure(file, "another folder of the collection has a file of this name")
            for file in seen.files
            if file in whole.files
        ]
        whole.scans.append(replace(seen, failed=seen.failed + tuple(hidden)) if hidden else seen)
        for file, found in seen.files.items():
            if file not in whole.files:
                whole.files[file], whole.roots[file] = found, root.key
    return whole


def glimpse(
    roots: Sequence[Root], limits: Limits, paths: Collection[str], whole: View
) -> tuple[View, frozenset[str]]:
    """What is at some absolute paths now, and the names in the collection that they stand for.

    whole: what the roots held at the last look, for a root's files win over a later root's; its
    roots alone are asked.
    """
    part = View()
    names: set[str] = set()
    for root in roots:
        below = _below(root, paths)
        try:
            seen = scan(root, limits, below) if below else Scan()
        except OSError:
            continue
        part.scans.append(seen)
        names |= {root.prefix + path for path in below}
        for file, found in seen.files.items():
            if file not in part.files and whole.roots.get(file, root.key) == root.key:
                part.files[file], part.roots[file] = found, root.key
    return part, frozenset(names)


def named(rows: Mapping[str, Row], names: Collection[str]) -> dict[str, Row]:
    """The rows of these files, and of all files in these folders."""
    inside = tuple(f"{name}/" for name in names)
    return {file: row for file, row in rows.items() if file in names or file.startswith(inside)}


def _below(root: Root, paths: Collection[str]) -> frozenset[str]:
    start = str(root.folder) + os.sep
    return frozenset(
        path[len(start) :].replace(os.sep, "/") for path in paths if path.startswith(start)
    )
