"""How deep a JSON schema goes."""

from collections.abc import Iterator
from typing import Any

# llguidance walks a schema by recursion: 2000 levels are more than a thread's stack of 8 MB holds,
# and nothing catches that.
LEVELS_LIMIT = 1300
# That following a reference takes by itself.
STEP_LEVELS = 2


def levels(schema: Any) -> int:
    """The longest way down at most, if each reference is followed once."""
    references = {each for each in _references(schema) if isinstance(each, str)}
    below = (STEP_LEVELS + _depth(_target(schema, each)) for each in references)
    return _depth(schema) + sum(below)


def _target(schema: Any, reference: str) -> Any:
    """What a JSON pointer names; the whole for any other reference. Source: RFC 6901."""
    found = schema
    for part in reference.removeprefix("#/").split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, dict) or key not in found:
            return schema
        found = found[key]
    return found


def _depth(value: Any) -> int:
    is_leaf = not isinstance(value, dict | list)
    return 0 if is_leaf else 1 + max(map(_depth, _inner(value)), default=0)


def _references(value: Any) -> Iterator[Any]:
    if isinstance(value, dict) and "$ref" in value:
        yield value["$ref"]
    for each in _inner(value):
        yield from _references(each)


def _inner(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
