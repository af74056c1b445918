"""What docstrings say, for the document."""

import re
import sys
from collections.abc import Callable, Collection, Iterator
from inspect import cleandoc
from typing import Any

SENTENCE = re.compile(r"(?<=\.)\s+")


def of_record(record: type, fields: Collection[str]) -> tuple[str, dict[str, str]]:
    """What is said of a record, and of its fields as "name, name: text."; those that it has from
    another record are described there."""
    about, notes = _told(record, fields)
    for parent in _parents(record):
        notes = {**of_record(parent, fields)[1], **notes}
    return about, notes


def of_route(endpoint: Callable[..., Any]) -> tuple[str, str]:
    """The first sentence without its full stop, and the rest."""
    text = _text(endpoint)
    first, *rest = SENTENCE.split(text, maxsplit=1)
    return first.removesuffix("."), " ".join(rest)


def of_module(name: str) -> str:
    return _text(sys.modules[name])


def _told(record: type, fields: Collection[str]) -> tuple[str, dict[str, str]]:
    if not fields:
        return _text(record), {}
    name = f"(?:{'|'.join(map(re.escape, fields))})"
    about, *listed = re.split(rf"(?:^|(?<=\. ))({name}(?:, {name})*): ", _text(record))
    notes = {
        field: text.strip()
        for names, text in zip(listed[::2], listed[1::2], strict=True)
        for field in names.split(", ")
    }
    return about.strip(), notes


def _parents(record: type) -> Iterator[type]:
    # A TypedDict is a dict and remembers what it is made from only here.
    parents = vars(record).get("__orig_bases__", record.__bases__)
    return (parent for parent in parents if isinstance(parent, type))


def _text(documented: Any) -> str:
    return " ".join(cleandoc(documented.__doc__ or "").split())
