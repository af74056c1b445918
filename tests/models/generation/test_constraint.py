import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.gguf_files import TOKENS
from trinax.errors import InvalidRequest
from trinax.llama.vocabulary import Vocabulary
from trinax.llama.weights import Weights
from trinax.models.generation.constraint import Constraint, Grammars

ONLY_A = {
    "type": "object",
    "properties": {"a": {"const": 1}},
    "required": ["a"],
    "additionalProperties": False,
}


@pytest.fixture
def grammars(models: Path) -> Iterator[Grammars]:
    weights = Weights("counting", models / "counting.gguf", vocabulary_only=True)
    yield Grammars(Vocabulary(weights))
    weights.close()


def json_of(schema: dict[str, Any]) -> str:
    return f"start: %json {json.dumps(schema)}"


def allowed(constraint: Constraint) -> set[str]:
    logits = np.zeros(len(TOKENS), np.float32)
    constraint.apply(logits)
    return {TOKENS[token] for token in np.flatnonzero(np.isfinite(logits))}


def write(constraint: Constraint, text: str) -> None:
    for byte in text.encode():
        constraint.accept(TOKENS.index(f"<0x{byte:02X}>"))


def test_only_what_the_schema_takes_is_left(grammars: Grammars) -> None:
    constraint = grammars.constraint(json_of(ONLY_A), "response_format")
    assert allowed(constraint) == {"<0x7B>"}  # {
    write(constraint, '{"a":1')
    assert "<0x7D>" in allowed(constraint)  # }
    assert "<0x32>" not in allowed(constraint)  # 2


def test_once_it_is_fulfilled_the_answer_ends(grammars: Grammars) -> None:
    constraint = grammars.constraint(json_of(ONLY_A), "response_format")
    before = constraint.fulfilled
    write(constraint, '{"a":1}')
    assert (before, constraint.fulfilled) == (False, True)
    assert allowed(constraint) == {"</s>", "<|im_end|>"}


def test_where_the_answer_may_end_it_may_end_with_any_closing_token(grammars: Grammars) -> None:
    constraint = grammars.constraint('start: "a" "b"?', "response_format")
    write(constraint, "a")
    assert allowed(constraint) == {"<0x62>", "</s>", "<|im_end|>"}


def test_a_copy_goes_its_own_way(grammars: Grammars) -> None:
    one = grammars.constraint(json_of(ONLY_A), "response_format")
    other = one.copy()
    write(one, '{"a":1}')
    assert allowed(other) == {"<0x7B>"}


@pytest.mark.parametrize(
    ("schema", "named"),
    [
        ({"type": "array", "uniqueItems": True}, "uniqueItems"),
        ({"type": "object", "propertyNames": {"maxLength": 3}}, "propertyNames"),
        ({"not": {"type": "string"}}, "not"),
        ({"type": "string", "pattern": "(?=a)b"}, "look-ahead"),
        ({"type": "string", "format": "nonsense"}, "nonsense"),
        ({"$ref": "http://127.0.0.1:9/x"}, "http://127.0.0.1:9/x"),
        ({"type": "banana"}, "banana"),
    ],
)
def test_what_cannot_be_honoured_is_named(
    grammars: Grammars, schema: dict[str, Any], named: str
) -> None:
    with pytest.raises(InvalidRequest) as raised:
        grammars.constraint(json_of(schema), "response_format")
    assert named in str(raised.value)
    assert raised.value.param == "response_format"
    assert "start:" not in str(raised.value)
