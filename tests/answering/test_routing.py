import pytest

from trinax.answering.routing import route
from trinax.errors import ModelNotFound
from trinax.models.ports import ModelInfo

EXTRACT = ModelInfo("trinax-extract", "extract")
EMBED = ModelInfo("bert", "embed", roles=("embed",))
SMALL = ModelInfo("small", "generate", roles=("fast", "general"))
CODER = ModelInfo("coder-7b", "generate", roles=("coder",))
LARGE = ModelInfo("large", "generate", roles=("deep",))
ALL = [CODER, EMBED, LARGE, SMALL, EXTRACT]


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
