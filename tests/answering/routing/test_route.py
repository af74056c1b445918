from typing import Any

import pytest

from trinax.answering.records import Ask, Route
from trinax.answering.routing.route import route as route_of
from trinax.errors import (
    InvalidRequest,
    ModelNotFound,
    NoGenerativeModel,
    UnsupportedParameter,
)
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


@pytest.mark.parametrize("text", ["hello", "fix this: def f(x): return y", "Compare both offers."])
def test_work_for_a_tool_goes_to_the_fast_model(text: str) -> None:
    chosen = route(text, "auto", ALL, purpose="task", collections=())
    assert (chosen.kind, chosen.model) == ("trivial", "small")
    assert chosen.reasons == ("short work for a tool", "small is the fast model here")


def test_a_tool_is_not_given_quotes_of_nothing() -> None:
    with pytest.raises(NoGenerativeModel):
        route("a title", "auto", [EMBED, EXTRACT], purpose="task", collections=())
    with pytest.raises(InvalidRequest, match="send 'collections'"):
        route("a title", "trinax-extract", ALL, purpose="task", collections=())


@pytest.mark.parametrize("asked", [{"collections": ("a",)}, {"collections": (), "web": True}])
def test_a_tool_may_be_given_quotes_of_something(asked: dict[str, Any]) -> None:
    chosen = route("who", "auto", [EXTRACT], purpose="task", **asked)
    assert chosen.model == "trinax-extract"


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


def configured(text: str, installed: list[ModelInfo] = ALL, **rules: Any) -> Route:
    return route_of(Ask((Message("user", text),)), installed, Router(**rules))


def test_the_configuration_may_say_the_kind() -> None:
    chosen = configured("ticket 4711: hello", kinds={r"^ticket \d+": "code"})
    assert (chosen.kind, chosen.model) == ("code", "coder-7b")
    assert "router.kinds" in chosen.reasons[0]


def test_an_expression_that_is_not_found_changes_nothing() -> None:
    assert configured("hello", kinds={"ticket": "code"}).kind == "trivial"


def test_the_configuration_may_say_the_model_of_a_kind() -> None:
    chosen = configured("hello there", models={"trivial": "large"})
    assert chosen.model == "large"
    assert chosen.reasons[-1] == "router.models names large for this kind"


def test_a_configured_model_that_is_not_installed_is_told() -> None:
    chosen = configured("hello there", models={"trivial": "gone"})
    assert chosen.model == "small"
    assert any("gone" in reason and "not installed" in reason for reason in chosen.reasons)


@pytest.mark.parametrize("model", ["bert", "broken", "huge"])
def test_a_configured_model_that_cannot_answer_is_not_taken(model: str) -> None:
    broken = ModelInfo("broken", "generate", problem="cut off")
    chosen = configured("hello there", [broken, HUGE, *ALL], models={"trivial": model})
    assert chosen.model == "small"
    assert any(model in reason for reason in chosen.reasons)


def test_a_named_model_goes_before_the_configuration() -> None:
    ask = Ask((Message("user", "hello"),), "small")
    assert route_of(ask, ALL, Router(models={"trivial": "large"})).model == "small"


HUGE = ModelInfo("huge", "generate", roles=("deep",), fits=False)


def test_a_model_that_does_not_fit_in_memory_is_not_chosen() -> None:
    chosen = route("Compare both offers, weigh cost and risk.", "auto", [HUGE, SMALL, EXTRACT])
    assert (chosen.kind, chosen.model) == ("complex", "small")
    assert "huge does not fit in memory" in chosen.reasons


def test_quotes_are_left_where_nothing_fits_in_memory() -> None:
    chosen = route("hello", "auto", [HUGE, EXTRACT])
    assert chosen.model == "trinax-extract"
    assert "memory" in chosen.reasons[-1]


def test_a_model_that_does_not_fit_may_be_named() -> None:
    assert route("hello", "huge", [HUGE, EXTRACT]).model == "huge"


def test_tools_go_to_a_model_with_a_chat_template() -> None:
    plain = ModelInfo("plain", "generate", roles=("fast",))
    chat = ModelInfo("chat", "generate", roles=("deep",), template=True)
    tools = Tools((READ,))
    assert route("hello", "auto", [plain, chat], tools=tools).model == "chat"
    assert route("hello", "auto", [plain], tools=tools).model == "plain"
    assert route("hello", "auto", [plain, chat]).model == "plain"


def test_a_follow_up_stays_with_its_model() -> None:
    messages = (
        Message("user", "fix this: def f(x): return y"),
        Message("assistant", "def f(x): return x"),
        Message("user", "why?"),
    )
    assert route_of(Ask(messages), ALL, Router()).model == "coder-7b"


def test_a_few_reasons_are_enough() -> None:
    text = "Compare both plans, weigh cost and risk, and design the rollout step by step."
    chosen = configured(text, [HUGE, *ALL], models={"complex": "gone"})
    assert len(chosen.reasons) <= 4
    assert chosen.reasons[-1].endswith("is the deep model here")
