import pytest

from trinax.models.catalogue.roles import assigned, chosen, refused
from trinax.models.ports import ModelInfo
from trinax.settings import Roles


def writer(model_id: str, parameters: int = 1, **more: str) -> ModelInfo:
    return ModelInfo(model_id, "generate", parameters=parameters, **more)  # type: ignore[arg-type]


def roles(infos: list[ModelInfo]) -> dict[str, tuple[str, ...]]:
    return {info.id: info.roles for info in infos}


def test_an_only_model_does_everything() -> None:
    assert chosen([writer("a")]) == {"a": ("fast", "general", "deep")}


def test_roles_go_by_size() -> None:
    sizes = [writer("a", 3), writer("b", 1), writer("c", 2)]
    assert chosen(sizes) == {"a": ("deep",), "b": ("fast",), "c": ("general",)}


def test_of_two_models_the_larger_is_general() -> None:
    assert chosen([writer("a", 2), writer("b", 1)]) == {"a": ("general", "deep"), "b": ("fast",)}


@pytest.mark.parametrize("name", ["qwen-coder", "starcode", "devstral-small"])
def test_a_coder_is_known_by_its_name(name: str) -> None:
    found = chosen([writer("a"), writer(name, 9)])
    assert found == {"a": ("fast", "general", "deep"), name: ("coder",)}


def test_a_decoder_is_no_coder() -> None:
    assert "coder" not in chosen([writer("decoder")])["decoder"]


def test_an_only_coder_does_everything() -> None:
    assert chosen([writer("coder")])["coder"] == ("fast", "general", "deep", "coder")


def test_what_embeds_and_ranks_does_that() -> None:
    assert chosen([ModelInfo("e", "embed"), ModelInfo("r", "rank")]) == {
        "e": ("embed",),
        "r": ("rank",),
    }


def test_a_broken_model_has_no_role() -> None:
    assert chosen([writer("a", problem="it is cut off")]) == {"a": ()}


def test_the_configuration_moves_a_role() -> None:
    infos = [
        ModelInfo("a", "generate", roles=("fast", "general")),
        ModelInfo("b", "generate", roles=("deep",)),
    ]
    assert roles(assigned(infos, Roles(fast="b", deep="b"))) == {
        "a": ("general",),
        "b": ("deep", "fast"),
    }


def test_a_configured_model_that_is_not_there_changes_nothing() -> None:
    infos = [ModelInfo("a", "generate", roles=("fast",))]
    assert assigned(infos, Roles(fast="gone")) == infos


@pytest.mark.parametrize(
    "unfit", [ModelInfo("b", "embed"), ModelInfo("b", "generate", problem="it is cut off")]
)
def test_a_model_that_cannot_do_it_does_not_get_the_role(unfit: ModelInfo) -> None:
    infos = [ModelInfo("a", "generate", roles=("fast",)), unfit]
    assert roles(assigned(infos, Roles(fast="b")))["a"] == ("fast",)


def test_what_the_configuration_says_in_vain_is_told() -> None:
    infos = [writer("a"), ModelInfo("r", "rank")]
    assert refused(infos, Roles(fast="a", deep="gone", rank="r", coder="r")) == [
        "roles.coder is 'r', which is not there or cannot do that",
        "roles.deep is 'gone', which is not there or cannot do that",
    ]
