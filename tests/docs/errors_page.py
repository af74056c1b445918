"""Every failure that a client may see, from the tree of errors and the table of statuses."""

import re
from collections import defaultdict

from trinax import errors
from trinax.errors import StartupError, TrinaxError
from trinax.web.wire.errors import STATUSES

HEAD = """\
# Errors

Every code that an answer may carry in `error.code`, from `trinax/errors.py`. The form of an error
is that of [the HTTP API](../guide/http-api.md). What is none of these is 500 `internal_error`: a
fault of trinax, and the log holds its traceback.

| code | status | type | what happened |
|---|---|---|---|
"""
BEFORE = """
## At the start

These end `trinax serve` and other commands with exit code 1, before there is a server.

| code | what happened |
|---|---|
"""


def errors_page() -> str:
    told = _told()
    running: dict[str, list[type[TrinaxError]]] = defaultdict(list)
    for leaf in STATUSES:
        if not issubclass(leaf, StartupError):
            running[leaf.code].append(leaf)
    rows = [
        f"| `{code}` | {STATUSES[leaves[0]][0]} | `{STATUSES[leaves[0]][1]}` "
        f"| {'; '.join(told[leaf] for leaf in leaves)} |"
        for code, leaves in sorted(running.items())
    ]
    before = [
        f"| `{leaf.code}` | {told[leaf]} |"
        for leaf in sorted(STATUSES, key=lambda each: each.code)
        if issubclass(leaf, StartupError)
    ]
    return HEAD + "\n".join(rows) + "\n" + BEFORE + "\n".join(before) + "\n"


def _told() -> dict[type[TrinaxError], str]:
    """Leaf → what the tree says of it, else what it says of itself, else its name in words."""
    tree = dict(re.findall(r"[├└]─ (\w+)[ ]*(.*)", errors.__doc__ or ""))
    return {
        leaf: tree.get(leaf.__name__) or _of_itself(leaf) or _words(leaf.__name__)
        for leaf in STATUSES
    }


def _of_itself(leaf: type[TrinaxError]) -> str:
    return (
        (leaf.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        if "__doc__" in vars(leaf)
        else ""
    )


def _words(name: str) -> str:
    return " ".join(word.lower() for word in re.findall(r"[A-Z][a-z]*", name))
