import re
from pathlib import Path

import pytest

from trinax.configuration import GIGABYTE, load, profile, profiles
from trinax.errors import BadSetting

ROLES = {"fast", "coder", "general", "deep", "embed", "rank"}
GIB = 2**30


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_profiles_are_listed_from_the_smallest_machine_up() -> None:
    assert [each.name for each in profiles()] == ["lite", "standard", "max", "ultra"]


@pytest.mark.parametrize(
    ("gib", "name"),
    [(4, "lite"), (8, "lite"), (12, "standard"), (16, "standard"), (32, "max"), (64, "ultra")],
)
def test_memory_chooses_the_profile(gib: int, name: str) -> None:
    assert profile("", gib * GIB).name == name


def test_a_named_profile_needs_no_memory() -> None:
    assert profile("ultra", 0).name == "ultra"


def test_every_profile_recommends_for_every_role() -> None:
    for each in profiles():
        assert {*each.recommended} == ROLES


def test_recommendations_name_repository_and_quantisation() -> None:
    for each in profiles():
        for model in each.recommended.values():
            assert re.fullmatch(r"[\w.-]+/[\w.-]+-GGUF:\w+", model.source)


def test_the_largest_recommendation_leaves_room_on_its_machine() -> None:
    smallest = {"lite": 6 * GIGABYTE, "standard": 8 * GIB, "max": 16 * GIB, "ultra": 32 * GIB}
    for each in profiles():
        largest = max(model.size_bytes for model in each.recommended.values())
        assert largest < 0.75 * smallest[each.name]


def test_a_profile_stands_below_what_the_user_sets(tmp_path: Path) -> None:
    config = tmp_path / "my.toml"
    config.write_text("[models]\nprofile = 'lite'\nslots = 3")
    models = load(config, {}).models
    assert models.context_tokens == profile("lite", 0).models["context_tokens"] == 4096
    assert models.slots == 3


def test_the_machine_chooses_where_nobody_names_a_profile() -> None:
    assert load(environment={}, memory_bytes=4 * GIB).models.context_tokens == 4096
    assert load(environment={}, memory_bytes=64 * GIB).models.context_tokens == 32768


def test_a_variable_names_the_profile() -> None:
    settings = load(environment={"TRINAX_MODELS_PROFILE": "lite"}, memory_bytes=64 * GIB)
    assert settings.models.context_tokens == 4096


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(BadSetting, match=r"models\.profile"):
        load(environment={"TRINAX_MODELS_PROFILE": "huge"})
