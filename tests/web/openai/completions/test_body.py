from typing import Any

import pytest

from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Infilling, JsonFormat, Sampling
from trinax.web.declaring.body import parsed
from trinax.web.openai.completions.body import CompletionsBody, TextRequest, text_request


def read(prompt: Any = "one", **fields: Any) -> TextRequest:
    return text_request(parsed(CompletionsBody, {"prompt": prompt, **fields}), "10.0.0.7")


def test_a_prompt_alone_is_enough() -> None:
    asked = read()
    assert asked.draft.prompts == (Infilling("one"),)
    assert asked.draft.model == "auto"
    assert asked.draft.sampling == Sampling(max_tokens=16)
    assert (asked.n, asked.stream, asked.logprobs, asked.ignored) == (1, False, False, ())


@pytest.mark.parametrize(
    ("prompt", "read_as"),
    [
        ("", [""]),
        (["one", ""], ["one", ""]),
        ([5, 6], [(5, 6)]),
        ([[5, 6], [7]], [(5, 6), (7,)]),
        (["one", [5]], ["one", (5,)]),
    ],
)
def test_a_prompt_has_four_forms(prompt: Any, read_as: list[Any]) -> None:
    assert read(prompt).draft.prompts == tuple(map(Infilling, read_as))


def test_every_prompt_has_the_suffix() -> None:
    asked = read(["one", [5]], suffix="ten")
    assert asked.draft.prompts == (Infilling("one", "ten"), Infilling((5,), "ten"))


def test_sampling_is_read() -> None:
    fields: dict[str, Any] = {
        "max_tokens": 7,
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 40,
        "min_p": 0.05,
        "stop": ["a", "b"],
        "presence_penalty": 0.1,
        "frequency_penalty": 0.2,
        "repetition_penalty": 1.1,
        "logit_bias": {"5": -100},
        "seed": 3,
        "n": 2,
        "logprobs": 5,
        "ignore_eos": True,
    }
    expected = {**fields, "stop": ("a", "b"), "logit_bias": {5: -100.0}}
    assert read(**fields).draft.sampling == Sampling(**expected)


def test_more_is_written_than_given_where_the_best_is_wanted() -> None:
    asked = read(n=2, best_of=5)
    assert (asked.n, asked.draft.sampling.n, asked.draft.sampling.logprobs) == (2, 5, 0)
    assert not asked.logprobs


def test_as_many_tokens_as_there_is_room_for() -> None:
    assert read(max_tokens=-1).draft.sampling.max_tokens is None
    assert read(max_tokens=0).draft.sampling.max_tokens == 0


def test_autocomplete_may_name_many_ends() -> None:
    ends = [f"<end {number}>" for number in range(20)]
    assert read(stop=ends).draft.sampling.stop == tuple(ends)


def test_who_asks_takes_turns_for_as_long_as_it_says() -> None:
    turn = read(timeout=2.5).draft.turn
    assert (turn.key, turn.limit_s) == ("10.0.0.7", 2.5)


def test_the_form_can_be_json() -> None:
    assert read(response_format={"type": "json_object"}).draft.format == JsonFormat()


def test_what_has_no_effect_is_listed() -> None:
    asked = read(user="me", stream_options={"include_obfuscation": True})
    assert asked.ignored == ("user", "stream_options.include_obfuscation")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"prompt": None}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": [[]]}, "prompt"),
        ({"prompt": [["a"]]}, "prompt"),
        ({"prompt": [True]}, "prompt"),
        ({"prompt": ["one", 5]}, "prompt"),
        ({"prompt": [1.5]}, "prompt"),
        ({"prompt": ["one"] * 129}, "prompt"),
        ({"n": 0}, "n"),
        ({"n": 21}, "n"),
        ({"n": 3, "best_of": 2}, "best_of"),
        ({"best_of": 21}, "best_of"),
        ({"logprobs": 6}, "logprobs"),
        ({"logprobs": True}, "logprobs"),
        ({"max_tokens": -2}, "max_tokens"),
        ({"suffix": 5}, "suffix"),
        ({"temperature": 3}, "temperature"),
        ({"logit_bias": {"word": 1}}, "logit_bias.word"),
        ({"stop": ["a", 5]}, "stop[1]"),
        ({"stream_options": {"include_usage": "yes"}}, "stream_options.include_usage"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(**fields)
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"best_of": 2, "stream": True}, "best_of"),
        ({"echo": True, "logprobs": 1}, "echo"),
        ({"echo": True, "prompt": [5]}, "echo"),
    ],
)
def test_what_cannot_be_honoured_is_refused(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(UnsupportedParameter) as refused:
        read(**fields)
    assert refused.value.param == param
