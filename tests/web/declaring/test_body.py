from time import process_time
from typing import Annotated, Any

import pytest
from pydantic import BeforeValidator, Field

from trinax.errors import InvalidRequest
from trinax.web.declaring.body import Body, parsed

MANY = 200_000


class Leaf(Body):
    size: int


class Tree(Body):
    leaves: list[Leaf] = Field([])
    names: dict[str, str] = Field({})
    either: str | list[str | list[int]] = ""
    read: Annotated[list[str | list[int]], BeforeValidator(list)] = Field([])
    trees: list["Tree"] = Field([])


@pytest.mark.parametrize(
    ("value", "param"),
    [
        ({"leaves": [1] * MANY}, "leaves[0]"),
        ({"leaves": [{}] * MANY}, "leaves[0].size"),
        ({"names": {str(number): 1 for number in range(MANY)}}, "names.0"),
        ({"either": [[""]] * MANY}, "either[0][0]"),
        ({"read": ["a"] * MANY + [5] * MANY}, f"read[{MANY}]"),
        ({"trees": [{"trees": [1] * MANY}]}, "trees[0].trees[0]"),
    ],
)
def test_of_many_faults_the_first_is_told_at_once(value: Any, param: str) -> None:
    began = process_time()
    with pytest.raises(InvalidRequest) as raised:
        parsed(Tree, value)
    assert process_time() - began < 0.2
    assert raised.value.param == param
