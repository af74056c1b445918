"""Ignore files in the syntax of git: the only place that knows pathspec."""

from collections.abc import Sequence
from dataclasses import dataclass

from pathspec import GitIgnoreSpec


@dataclass(frozen=True, slots=True)
class Ignore:
    """One ignore file. folder: where it stands, relative to the root, "" or ending in "/"."""

    name: str
    folder: str
    spec: GitIgnoreSpec

    def verdict(self, path: str) -> bool | None:
        """True: ignored, False: asked for by "!", None: no rule speaks of it.

        path: relative to the root, below `folder`; a folder's ends in "/".
        """
        return self.spec.check_file(path[len(self.folder) :]).include


def parsed(text: str, name: str, folder: str) -> Ignore | None:
    """The rules of one ignore file; None if it has none. Lines that git would drop are dropped."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    spec = _spec(lines)
    return Ignore(name, folder, spec) if len(spec) else None


def judged(path: str, ignores: Sequence[Ignore]) -> tuple[bool | None, str]:
    """The verdict of the nearest ignore file that has one, and that file's path.

    ignores: outermost first, as the files stand above the path.
    """
    for ignore in reversed(ignores):
        verdict = ignore.verdict(path)
        if verdict is not None:
            return verdict, ignore.folder + ignore.name
    return None, ""


def _spec(lines: Sequence[str]) -> GitIgnoreSpec:
    try:
        return GitIgnoreSpec.from_lines(lines, backend="simple")
    except ValueError:
        if len(lines) == 1:
            return GitIgnoreSpec.from_lines([], backend="simple")
        return _spec([line for line in lines if len(_spec([line]))])
