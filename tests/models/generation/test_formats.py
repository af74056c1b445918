import json
from typing import Any

import pytest

from tests.gguf_files import TOKENS
from tests.models.asking import gathered, request
from tests.models.conftest import Open
from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.generation.generator import LlamaGenerator
from trinax.models.ports import (
    CallPiece,
    Generation,
    GenerationEvent,
    Infilling,
    JsonFormat,
    Piece,
    Tool,
    Tools,
)

PERSON = {
    "type": "object",
    "properties": {"name": {"enum": ["Ada", "Bo"]}, "age": {"type": "integer", "maximum": 99}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
GREET = Tool("greet", "says hello", PERSON)


def asked(sampling: dict[str, Any] | None = None, **fields: Any) -> Generation:
    plain = request(**{"temperature": 1.0, "seed": 4, "max_tokens": 300, **(sampling or {})})
    return Generation(plain.messages, plain.question, sampling=plain.sampling, **fields)


async def events(generator: LlamaGenerator, generation: Generation) -> list[GenerationEvent]:
    return [event async for event in generator.generate(generation)]


@pytest.mark.parametrize("seed", range(5))
async def test_an_answer_matches_the_schema(opened: Open, seed: int) -> None:
    generation = asked({"seed": seed}, format=JsonFormat(PERSON))
    answer = await gathered(opened("noise").generate(generation))
    person = json.loads(answer.text)
    assert person["name"] in ("Ada", "Bo")
    assert person["age"] <= 99
    assert answer.finish.reason == "stop"


async def test_every_choice_matches_on_its_own(opened: Open) -> None:
    answer = await gathered(opened("noise").generate(asked({"n": 3}, format=JsonFormat(PERSON))))
    assert [json.loads(text).keys() for text in answer.texts.values()] == [{"name", "age"}] * 3


async def test_a_required_call_is_made(opened: Open) -> None:
    generation = asked(tools=Tools((GREET,), choice="required", parallel=False))
    told = await events(opened("noise"), generation)
    calls = [event for event in told if isinstance(event, CallPiece)]
    assert (calls[0].name, calls[0].index) == ("greet", 0)
    assert json.loads("".join(call.arguments for call in calls))["name"] in ("Ada", "Bo")
    assert told[-1].reason == "tool_calls"  # type: ignore[union-attr]
    assert not any(isinstance(event, Piece) and event.text.strip() for event in told)


async def test_what_a_schema_asks_in_vain_is_named_before_anything_is_written(
    opened: Open,
) -> None:
    generation = asked(format=JsonFormat({"type": "array", "uniqueItems": True}))
    with pytest.raises(InvalidRequest, match="uniqueItems") as raised:
        await events(opened("noise"), generation)
    assert raised.value.param == "response_format"


async def test_tokens_are_continued_as_they_stand(opened: Open) -> None:
    infilling = Infilling((TOKENS.index("▁three"),))
    answer = await gathered(
        opened("counting").generate(asked({"temperature": 0.0}, infilling=infilling))
    )
    # With the blank before it, which an answer to a message would not have.
    assert answer.text == " four five six seven eight nine ten"
    assert answer.finish.prompt_tokens == 1


async def test_a_text_is_continued_without_a_template(opened: Open) -> None:
    answer = await gathered(
        opened("counting").generate(asked({"max_tokens": 1}, infilling=Infilling("ab")))
    )
    assert answer.finish.prompt_tokens == 4  # <s>, a blank, a, b


async def test_a_vocabulary_without_marks_cannot_fill_in(opened: Open) -> None:
    with pytest.raises(UnsupportedParameter, match="suffix"):
        await events(opened("counting"), asked(infilling=Infilling("a", suffix="b")))
