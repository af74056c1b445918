from dataclasses import replace
from typing import Any

import pytest

from tests.answering.passages import passage
from trinax.errors import InvalidRequest
from trinax.web.declaring.body import parsed
from trinax.web.openai.vector_stores.body import StoreSearchBody
from trinax.web.openai.vector_stores.filters import StoreFilter, attributes, check, passes

GUIDE = replace(passage("text", file="guide.md"), kind="markdown", size_bytes=500)


def read(condition: Any) -> StoreFilter:
    body = parsed(StoreSearchBody, {"query": "lamp", "filters": condition})
    assert body.filters is not None
    check(body.filters)
    return body.filters


def compared(type: str, key: str, value: Any) -> dict[str, Any]:
    return {"type": type, "key": key, "value": value}


@pytest.mark.parametrize(
    ("type", "key", "value", "expected"),
    [
        ("eq", "filename", "guide.md", True),
        ("eq", "filename", "other.md", False),
        ("ne", "filename", "other.md", True),
        ("gt", "size_bytes", 499, True),
        ("gt", "size_bytes", 500, False),
        ("gte", "size_bytes", 500, True),
        ("lt", "size_bytes", 500.5, True),
        ("lte", "size_bytes", 499, False),
        ("lt", "filename", "h", True),
        ("in", "kind", ["text", "markdown"], True),
        ("nin", "kind", ["text", "markdown"], False),
        ("nin", "kind", ["text"], True),
    ],
)
def test_an_attribute_is_compared(type: str, key: str, value: Any, expected: bool) -> None:
    assert passes(read(compared(type, key, value)), attributes(GUIDE)) is expected


@pytest.mark.parametrize(
    ("type", "value", "expected"),
    [("eq", 3, False), ("ne", 3, True), ("gt", 0, False), ("in", [3], False), ("nin", [3], True)],
)
def test_what_a_passage_lacks_is_unequal_to_all(type: str, value: Any, expected: bool) -> None:
    known = attributes(replace(GUIDE, chunk=replace(GUIDE.chunk, page=None)))
    assert passes(read(compared(type, "page", value)), known) is expected


def test_a_text_is_neither_more_nor_less_than_a_number() -> None:
    known = attributes(GUIDE)
    assert not passes(read(compared("gt", "filename", 0)), known)
    assert not passes(read(compared("lte", "size_bytes", "9")), known)


def test_conditions_are_joined() -> None:
    yes, no = compared("eq", "kind", "markdown"), compared("eq", "kind", "python")
    known = attributes(GUIDE)
    assert passes(read({"type": "or", "filters": [no, yes]}), known)
    assert not passes(read({"type": "and", "filters": [no, yes]}), known)
    nested = {"type": "and", "filters": [yes, {"type": "or", "filters": [no, yes]}]}
    assert passes(read(nested), known)


@pytest.mark.parametrize(
    ("condition", "param"),
    [
        (compared("eq", "author", "me"), "filters.key"),
        (compared("in", "kind", "text"), "filters.value"),
        (compared("eq", "kind", ["text"]), "filters.value"),
        ({"type": "or", "filters": [compared("eq", "x", 1)]}, "filters.filters[0].key"),
        ({"type": "xor", "filters": []}, "filters"),
        ({"key": "kind", "value": "text"}, "filters"),
        ({"type": "and", "filters": []}, "filters.filters"),
        ("kind = text", "filters"),
        (compared("in", "kind", ["text"] * 1001), "filters.value"),
        ({"type": "or", "filters": [compared("eq", "kind", "text")] * 65}, "filters"),
    ],
)
def test_a_condition_that_cannot_be_checked_is_named(condition: Any, param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(condition)
    assert refused.value.param == param
