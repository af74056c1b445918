from typing import Any

import pytest

from trinax.answering.records import Ask, Route
from trinax.answering.routing.route import route as route_of
from trinax.errors import ModelNotFound, UnsupportedParameter
from trinax.models.ports import JsonFormat, Message, ModelInfo, Sampling, Tool, Tools
from trinax.settings import Router

EXTRACT = ModelInfo("trinax-extract", "extract")
EMBED = ModelInfo("bert", "embed", roles=("embed",))
SMALL = ModelInfo("small", "generate", roles=("fast", "general"))
CODER = ModelInfo("coder-7b", "generate", roles=("coder",))
LARGE = ModelInfo("large", "generate", roles=("deep",))
ALL = [CODER, EMBED, LARGE, SMALL, EXTRACT]
READ = Tool("read_file")


def route(text: str, model: str, installed: list[ModelInfo], **asked: Any) -> Route:
    return route_of(Ask((Message("user", text),), model, **asked), installed, Router())


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("hello there", "small"),
        ("fix this: def f(x): return y", "coder-7b"),
        ("What does the lease say about the deposit?", "small"),
        ("Compare both offers, weigh cost and risk, and recommend one.", "large"),
    ],
)
def test_each_kind_gets_its_model(text: str, model: str) -> None:
    chosen = route(text, "auto", ALL)
    assert (chosen.model, chosen.forced) == (model, False)
    assert chosen.reasons


def test_a_named_model_is_never_overridden() -> None:
    chosen = route("def f(x): return y", "small", ALL)
    assert (chosen.model, chosen.forced, chosen.kind) == ("small", True, "code")


def test_an_unknown_model_is_not_found() -> None:
    with pytest.raises(ModelNotFound):
        route("hello", "gpt-9", ALL)


def test_without_a_generative_model_passages_are_quoted() -> None:
    assert route("hello", "auto", [EMBED, EXTRACT]).model == "trinax-extract"


def test_a_broken_model_is_never_chosen() -> None:
    broken = ModelInfo("broken", "generate", roles=("fast", "general"), problem="cut off")
    assert route("hello", "auto", [broken, EXTRACT]).model == "trinax-extract"


def test_one_model_does_everything() -> None:
    assert route("def f(x): return y", "auto", [SMALL, EXTRACT]).model == "small"


@pytest.mark.parametrize("model", ["auto", "trinax-extract"])
@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"format": JsonFormat()}, "response_format"),
        ({"tools": Tools((READ,), "required")}, "tool_choice"),
        ({"tools": Tools((READ,), "named", "read_file")}, "tool_choice"),
        ({"sampling": Sampling(logprobs=0)}, "logprobs"),
    ],
)
def test_what_only_a_writing_model_can_do_is_never_quoted(
    model: str, asked: dict[str, Any], param: str
) -> None:
    with pytest.raises(UnsupportedParameter) as refused:
        route("hello", model, [EMBED, EXTRACT], **asked)
    assert refused.value.param == param
    assert route("hello", "auto", ALL, **asked).model == "small"


def test_tools_that_need_not_be_called_may_be_quoted_without() -> None:
    chosen = route("hello", "auto", [EXTRACT], tools=Tools((READ,)))
    assert chosen.model == "trinax-extract"


SHORT = ModelInfo("stories", "generate", context_tokens=512, roles=("fast", "general"))


def test_a_model_whose_context_holds_no_passages_is_not_chosen() -> None:
    assert route("hello there", "auto", [SHORT, LARGE, EXTRACT]).model == "large"


def test_quotes_are_better_than_a_context_that_holds_no_passages() -> None:
    chosen = route("hello there", "auto", [SHORT, EXTRACT])
    assert chosen.model == "trinax-extract"
    assert any("context" in reason for reason in chosen.reasons)


def test_without_retrieval_a_short_context_does() -> None:
    assert route("hello there", "auto", [SHORT, EXTRACT], collections=()).model == "stories"


def test_a_call_is_written_with_a_short_context_rather_than_not() -> None:
    tools = Tools((READ,), choice="required")
    assert route("hello there", "auto", [SHORT, EXTRACT], tools=tools).model == "stories"
