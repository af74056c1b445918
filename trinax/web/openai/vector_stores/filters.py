"""What is known of a passage's file, and conditions on it."""

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from trinax.errors import InvalidRequest
from trinax.index.records import Passage
from trinax.web.declaring.body import Body

Attribute = str | float | bool

# Each is looked at for every passage that is found.
COMPARISONS_LIMIT = 64
VALUES_LIMIT = 1000
KEYS = (
    "collection",
    "chunk_id",
    "filename",
    "kind",
    "language",
    "page",
    "start_line",
    "end_line",
    "size_bytes",
    "modified_s",
)
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


class StoreComparison(Body):
    """key: of the attributes that results have. value: a list with "in" and "nin", else one."""

    type: Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"]
    key: str
    value: str | float | bool | Annotated[list[str | float | bool], Field(max_length=VALUES_LIMIT)]


class StoreCompound(Body):
    type: Literal["and", "or"]
    filters: Annotated[list["StoreFilter"], Field(min_length=1)]


StoreFilter = Annotated[StoreComparison | StoreCompound, Field(discriminator="type")]


def attributes(passage: Passage) -> dict[str, Attribute]:
    """page: where there are pages. language: where it is known."""
    chunk = passage.chunk
    known: dict[str, Attribute | None] = {
        "collection": passage.collection,
        "chunk_id": chunk.id,
        "filename": passage.file,
        "kind": passage.kind,
        "language": passage.language or None,
        "page": chunk.page,
        "start_line": chunk.start_line,
        "end_line": chunk.end_line,
        "size_bytes": passage.size_bytes,
        "modified_s": passage.mtime_s,
    }
    return {name: value for name, value in known.items() if value is not None}


def check(condition: StoreFilter, place: str = "filters") -> None:
    """Raises InvalidRequest for a key that no passage has, for what cannot be compared, and for
    too many of them."""
    for number, (at, each) in enumerate(_comparisons(condition, place)):
        if number == COMPARISONS_LIMIT:
            reason = f"{place!r} must hold {COMPARISONS_LIMIT} comparisons at most."
            raise InvalidRequest(reason, place)
        if each.key not in KEYS:
            listed = ", ".join(KEYS)
            raise InvalidRequest(f"'{at}.key' must be one of {listed}.", f"{at}.key")
        if isinstance(each.value, list) != (each.type in ("in", "nin")):
            wanted = "a list" if each.type in ("in", "nin") else "one value"
            raise InvalidRequest(f"'{at}.value' must be {wanted}.", f"{at}.value")


def passes(condition: StoreFilter, known: Mapping[str, Attribute]) -> bool:
    """known: attributes of a passage. One that it lacks is unequal to every value."""
    if isinstance(condition, StoreCompound):
        every = all if condition.type == "and" else any
        return every(passes(each, known) for each in condition.filters)
    value = known.get(condition.key)
    if isinstance(condition.value, list):
        return (value in condition.value) == (condition.type == "in")
    if condition.type in ("eq", "ne"):
        return COMPARISONS[condition.type](value, condition.value)
    if value is None or isinstance(value, str) != isinstance(condition.value, str):
        return False
    return COMPARISONS[condition.type](value, condition.value)


def _comparisons(condition: StoreFilter, place: str) -> Iterator[tuple[str, StoreComparison]]:
    if isinstance(condition, StoreComparison):
        yield place, condition
        return
    for number, each in enumerate(condition.filters):
        yield from _comparisons(each, f"{place}.filters[{number}]")
