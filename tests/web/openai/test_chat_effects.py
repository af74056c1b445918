"""Every parameter of a chat that a model can honour does what it says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.gguf_files import ENDLESS, TOKENS, tiny_llama
from tests.web.asking import CHAT, READ, body
from tests.web.conftest import folders, serving

COUNTED = "one two three four five six seven eight nine ten"
ONE, FIVE = (TOKENS.index(f"▁{word}") for word in ("one", "five"))


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """With a model that counts to ten, one that never stops and one that writes noise."""
    settings = folders(tmp_path_factory.mktemp("base"))
    models: Path = settings.models_dir
    models.mkdir(parents=True)
    tiny_llama(models / "counting.gguf", context_tokens=2048)
    tiny_llama(models / "endless.gguf", ENDLESS, context_tokens=2048)
    tiny_llama(models / "noise.gguf", context_tokens=2048, attention=0.1)
    with serving(settings) as http:
        for model in ("counting", "endless", "noise"):  # their threads start at the first request
            http.post(CHAT, json=body(model=model, max_tokens=1))
        yield http


def choices(http: TestClient, model: str, **fields: Any) -> list[Any]:
    asked = body("Go on.", model=model, collections=[], **fields)
    answer = http.post(CHAT, json=asked)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["choices"]
    return found


def said(http: TestClient, model: str = "counting", **fields: Any) -> str:
    text: str = choices(http, model, **fields)[0]["message"]["content"]
    return text.strip()


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"max_tokens": 2}, "one two"),
        ({"max_completion_tokens": 3, "max_tokens": 1}, "one two three"),
        ({"stop": " four"}, "one two three"),
        ({"stop": [" nope", " six"]}, "one two three four five"),
        ({"logit_bias": {str(ONE): -100, str(FIVE): 100}, "max_tokens": 1}, "five"),
        ({"max_tokens": -1}, COUNTED),
    ],
)
def test_the_answer_is_what_was_asked_for(http: TestClient, fields: Any, text: str) -> None:
    assert said(http, temperature=0, **fields) == text


def test_how_it_ended_is_told(http: TestClient) -> None:
    (whole,), (cut,) = choices(http, "counting"), choices(http, "counting", max_tokens=2)
    assert (whole["finish_reason"], cut["finish_reason"]) == ("stop", "length")


@pytest.mark.parametrize(
    "fields", [{"top_k": 1}, {"top_p": 0.0}, {"min_p": 1.0}, {"temperature": 0}]
)
def test_narrow_sampling_takes_the_likeliest(http: TestClient, fields: Any) -> None:
    freely = {"max_tokens": 8, "temperature": 2, "seed": 1}
    greedy = said(http, "noise", max_tokens=8, temperature=0)
    assert said(http, "noise", **{**freely, **fields}) == greedy
    assert said(http, "noise", **freely) != greedy


def test_a_seed_writes_the_same_again(http: TestClient) -> None:
    noise = {"max_tokens": 8, "temperature": 1.5}
    first, second, other = (said(http, "noise", **noise, seed=seed) for seed in (5, 5, 6))
    assert first == second != other


def test_choices_differ_where_chance_has_a_say(http: TestClient) -> None:
    several = choices(http, "noise", n=3, max_tokens=8, temperature=1.5, seed=5)
    assert [choice["index"] for choice in several] == [0, 1, 2]
    assert len({choice["message"]["content"] for choice in several}) == 3


@pytest.mark.parametrize(
    "fields", [{"presence_penalty": 2}, {"frequency_penalty": 2}, {"repetition_penalty": 10}]
)
def test_penalties_let_in_what_comes_close(http: TestClient, fields: Any) -> None:
    close = {str(FIVE): 9.5}
    loop = {"temperature": 0, "max_tokens": 8, "logit_bias": close}
    assert said(http, "endless", **loop) == ("one two " * 4).strip()
    assert "five" in said(http, "endless", **loop, **fields)


def test_log_probabilities_come_with_as_many_others_as_asked_for(http: TestClient) -> None:
    (plain,) = choices(http, "counting", max_tokens=2)
    assert plain["logprobs"] is None
    (told,) = choices(http, "counting", max_tokens=2, logprobs=True, top_logprobs=4)
    assert [len(token["top_logprobs"]) for token in told["logprobs"]["content"]] == [4, 4]


def test_an_end_can_be_ignored(http: TestClient) -> None:
    assert len(said(http, temperature=0, ignore_eos=True, max_tokens=30)) > len(COUNTED)


def test_the_form_is_kept(http: TestClient) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"enum": [1, 2]}},
        "required": ["a"],
        "additionalProperties": False,
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    assert json.loads(said(http, "noise", response_format=wanted))["a"] in (1, 2)


@pytest.mark.parametrize(("choice", "called"), [("required", True), ("none", False)])
def test_a_tool_is_called_when_it_must_be(http: TestClient, choice: str, called: bool) -> None:
    (answer,) = choices(http, "noise", tools=[READ], tool_choice=choice, max_tokens=200)
    assert ("tool_calls" in answer["message"]) is called
