from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import jsonschema_rs
import pytest
from pydantic import Field
from typing_extensions import TypedDict

from trinax.errors import InvalidRequest
from trinax.web.declaring.body import IGNORED, Body, Query, Unsupported, Whole, parsed
from trinax.web.declaring.schemas import query, schemas


class Grain(Body):
    size: int = 1


class Order(Body):
    """grain: how fine. weight: in grams."""

    example: ClassVar[Mapping[str, Any]] = {"weight": 250}

    weight: Annotated[Whole, Field(ge=1, le=5000)]
    price: Annotated[float, Field(gt=0)] | None = None
    grain: Grain = Grain()
    labels: dict[Annotated[str, Field(pattern="^[a-z]+$")], str] = Field({})
    gift: Annotated[Any, Unsupported("parcels are plain")] = None
    colour: Annotated[Any, IGNORED] = None


class Listing(Query):
    limit: Whole | None = None
    q: str = ""


class Receipt(TypedDict):
    order: str


ORDERS = schemas([Order], [Receipt])
VALIDATOR = jsonschema_rs.Draft202012Validator(
    {**ORDERS.of[Order], "components": {"schemas": dict(ORDERS.components)}}
)


def taken(value: dict[str, Any]) -> bool:
    try:
        parsed(Order, value)
    except InvalidRequest:
        return False
    return True


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ({"weight": 1}, True),
        ({"weight": 5.0}, True),
        ({"weight": 0}, False),
        ({"weight": 5001}, False),
        ({"weight": "5"}, False),
        ({"weight": None}, False),
        ({"weight": True}, False),
        ({}, False),
        ({"weight": 1, "price": None, "grain": None, "labels": None}, True),
        ({"weight": 1, "price": 0}, False),
        ({"weight": 1, "grain": {"size": None}}, True),
        ({"weight": 1, "grain": {"size": "x"}}, False),
        ({"weight": 1, "labels": {"to": "me"}}, True),
        ({"weight": 1, "labels": {"TO": "me"}}, False),
        ({"weight": 1, "unknown": [1]}, True),
    ],
)
def test_a_schema_holds_where_the_validators_do(value: dict[str, Any], valid: bool) -> None:
    assert (VALIDATOR.is_valid(value), taken(value)) == (valid, valid)


def test_fields_are_described_where_the_docstring_does() -> None:
    described = ORDERS.components["Order"]["properties"]
    assert described["weight"]["description"] == "in grams."
    assert "description" not in described["price"]


def test_marks_are_told() -> None:
    fields = ORDERS.components["Order"]["properties"]
    assert fields["gift"]["description"] == "Refused with 400: parcels are plain."
    assert "x-trinax-ignored" in fields["colour"]["description"]


def test_a_default_is_told_where_it_says_something() -> None:
    assert ORDERS.components["Grain"]["properties"]["size"]["default"] == 1
    assert "default" not in ORDERS.components["Order"]["properties"]["grain"]
    assert "default" not in ORDERS.components["Order"]["properties"]["labels"]


def test_an_example_is_shown() -> None:
    assert ORDERS.components["Order"]["examples"] == [{"weight": 250}]


def test_a_query_string_has_no_null() -> None:
    assert query(Listing)["properties"]["limit"]["type"] == "integer"


def test_records_are_referred_to() -> None:
    assert ORDERS.of[Receipt] == {"$ref": "#/components/schemas/Receipt"}
    assert ORDERS.components["Receipt"]["required"] == ["order"]
