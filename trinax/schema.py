"""What the tables of an SQLite file are, and how those of an older one become it."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from trinax.errors import NewerData


@dataclass(frozen=True, slots=True)
class Schema:
    """file: its name in the data folder. steps: for each version the statements that make it of the
    one before, the first of nothing.

    A file says how many steps it has had. One of before there were versions says none, so the
    first step has to be safe to repeat.
    """

    file: str
    steps: tuple[tuple[str, ...], ...]

    @property
    def version(self) -> int:
        return len(self.steps)

    def bring(self, connection: sqlite3.Connection) -> None:
        """Make the tables what they are in this version, in one step that survives a crash.

        connection: without transactions of its own. Raises sqlite3.Error, and NewerData with
        nothing changed.
        """
        if self.found(connection) == self.version:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Once more, for another process may have been first.
            for step in self.steps[self.found(connection) :]:
                for statement in step:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {self.version}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def found(self, connection: sqlite3.Connection) -> int:
        """The version of a file. Raises sqlite3.Error and NewerData."""
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        self.check(version)
        return int(version)

    def check(self, version: int) -> None:
        """Raises NewerData."""
        if version > self.version:
            raise NewerData(self.file, version, self.version)


def copied(file: Path, copy: Path) -> None:
    """A database as it is at this moment, in one file; others may write it meanwhile.

    Raises sqlite3.Error.
    """
    with (
        closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
