import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.answering.writers import Parrot, Script
from tests.gguf_files import TOKENS
from tests.web.conftest import serving
from tests.web.openai.completions.asking import (
    COMPLETIONS,
    COUNT,
    COUNTED,
    body,
    completed,
    joined,
    streamed,
    texts,
)
from trinax.errors import ModelFailed
from trinax.models.ports import Finish, Piece, TokenLogprob
from trinax.settings import Settings

ONE, TWO, FIVE = (TOKENS.index(f"▁{word}") for word in ("one", "two", "five"))


def test_a_text_is_continued(http: TestClient) -> None:
    answer = completed(http)
    assert texts(answer) == [COUNTED]
    assert answer["id"].startswith("cmpl-")
    assert (answer["object"], answer["model"]) == ("text_completion", "counting")
    assert answer["choices"][0]["finish_reason"] == "stop"
    usage = answer["usage"]
    assert usage["completion_tokens"] == 10
    assert usage["total_tokens"] == usage["prompt_tokens"] + 10


def test_sixteen_tokens_are_enough_unless_more_are_asked_for(http: TestClient) -> None:
    usage = completed(http, model="endless")["usage"]
    assert usage["completion_tokens"] == 16
    answer = completed(http, model="endless", max_tokens=-1)
    assert answer["usage"]["total_tokens"] == 512
    assert answer["choices"][0]["finish_reason"] == "length"


def test_ids_of_tokens_are_continued_as_they_are(http: TestClient) -> None:
    assert texts(completed(http, [FIVE], max_tokens=2)) == [" six seven"]
    assert completed(http, [FIVE])["usage"]["prompt_tokens"] == 1


def test_several_prompts_come_back_in_their_order(http: TestClient) -> None:
    answer = completed(http, [[ONE], [TWO], [TWO, FIVE]], max_tokens=1, n=2)
    assert texts(answer) == [" two", " two", " three", " three", " six", " six"]
    assert answer["usage"]["prompt_tokens"] == 4
    assert answer["usage"]["completion_tokens"] == 6


def test_more_prompts_than_can_wait_are_answered(http: TestClient) -> None:
    prompts = [[FIVE], [ONE], [TWO]] * 40
    assert texts(completed(http, prompts, max_tokens=1)) == [" six", " two", " three"] * 40


def test_a_prompt_can_be_echoed(http: TestClient) -> None:
    prompts, echoed = ["One:\n", "Two:\n"], ["One:\n one", "Two:\n one"]
    assert texts(completed(http, prompts, max_tokens=1, echo=True)) == echoed
    told = streamed(http, prompts, max_tokens=1, echo=True)
    assert joined(told) == dict(enumerate(echoed))


def test_a_prompt_can_be_echoed_alone(http: TestClient) -> None:
    answer = completed(http, max_tokens=0, echo=True)
    assert texts(answer) == [COUNT]
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 0


def test_a_gap_is_filled_in(http: TestClient) -> None:
    answer = completed(http, "def f(", suffix="):", model="filling", max_tokens=2)
    assert texts(answer) == [" one two"]  # the mark of the middle, which the model counts on from
    assert texts(completed(http, "def f(", suffix="):", model="auto", max_tokens=1)) == [" one"]


def test_a_gap_at_the_very_beginning_is_filled_in(http: TestClient) -> None:
    assert texts(completed(http, "", suffix="x", model="filling", max_tokens=1)) == [" one"]


def test_a_model_without_the_marks_says_so(http: TestClient) -> None:
    error = http.post(COMPLETIONS, json=body(suffix="):")).json()["error"]
    assert (error["param"], error["code"]) == ("suffix", "unsupported_parameter")
    assert "'filling' can" in error["message"]


def test_log_probabilities_are_side_by_side(http: TestClient) -> None:
    told = completed(http, logprobs=2, max_tokens=3)["choices"][0]["logprobs"]
    assert told["tokens"] == [" one", " two", " three"]
    assert told["text_offset"] == [0, 4, 8]
    assert [len(top) for top in told["top_logprobs"]] == [2, 2, 2]
    for token, logprob, top in zip(
        told["tokens"], told["token_logprobs"], told["top_logprobs"], strict=True
    ):
        assert top[token] == logprob == max(top.values())


def test_log_probabilities_of_a_stream_are_the_same(http: TestClient) -> None:
    whole = completed(http, logprobs=1, max_tokens=5)["choices"][0]["logprobs"]
    parts = [
        choice["logprobs"]
        for frame in streamed(http, logprobs=1, max_tokens=5)[:-1]
        for choice in frame["choices"]
        if choice["logprobs"]
    ]
    for name, values in whole.items():
        assert [value for part in parts for value in part[name]] == values


def test_the_likeliest_of_several_are_given(http: TestClient) -> None:
    fields = {"model": "noise", "temperature": 1.5, "max_tokens": 4, "seed": 7, "logprobs": 0}
    every = completed(http, n=6, **fields)
    best = completed(http, n=2, best_of=6, **fields)

    def likely(choice: Any) -> float:
        told: list[float] = choice["logprobs"]["token_logprobs"]
        return sum(told) / len(told)

    expected = sorted(every["choices"], key=likely, reverse=True)[:2]
    assert texts(best) == [choice["text"] for choice in expected]
    assert best["usage"] == every["usage"]


def test_the_best_is_found_without_telling_how_likely_it_is(settings: Settings) -> None:
    def said(text: str, choice: int, logprob: float) -> Piece:
        return Piece(text, choice, logprobs=(TokenLogprob(text, text.encode(), logprob),))

    ends = (Finish("stop", 1, 1, 0), Finish("stop", 1, 1, 1))
    with serving(settings, Script(said("worse", 0, -3), said("better", 1, -1), *ends)) as http:
        answer = completed(http, model="auto", best_of=2)
    assert texts(answer) == ["better"]
    assert answer["choices"][0]["logprobs"] is None


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"stop": " four"}, " one two three"),
        ({"stop": [" nope", " six"]}, " one two three four five"),
        ({"max_tokens": 2}, " one two"),
        ({"logit_bias": {str(ONE): -100, str(FIVE): 100}, "max_tokens": 1}, " five"),
    ],
)
def test_each_parameter_has_its_effect(http: TestClient, fields: Any, text: str) -> None:
    assert texts(completed(http, **fields)) == [text]


@pytest.mark.parametrize(
    "fields", [{"presence_penalty": 2}, {"frequency_penalty": 2}, {"repetition_penalty": 10}]
)
def test_penalties_let_in_what_comes_close(http: TestClient, fields: Any) -> None:
    close = {str(FIVE): 9.5}
    loop = {"model": "endless", "temperature": 0, "max_tokens": 8, "logit_bias": close}
    assert texts(completed(http, **loop)) == [" one two" * 4]
    assert "five" in texts(completed(http, **loop, **fields))[0]


@pytest.mark.parametrize(
    "fields", [{"top_k": 1}, {"top_p": 0.0}, {"min_p": 1.0}, {"temperature": 0}]
)
def test_narrow_sampling_takes_the_likeliest(http: TestClient, fields: Any) -> None:
    noise = {"model": "noise", "max_tokens": 8}
    greedy = completed(http, **noise, temperature=0)
    assert texts(completed(http, **noise, **{"temperature": 2, "seed": 1, **fields})) == texts(
        greedy
    )
    assert texts(completed(http, **noise, temperature=2, seed=1)) != texts(greedy)


def test_a_seed_writes_the_same_again(http: TestClient) -> None:
    noise = {"model": "noise", "max_tokens": 8, "temperature": 1.5}
    first, second, other = (texts(completed(http, **noise, seed=seed)) for seed in (5, 5, 6))
    assert first == second != other


def test_every_frame_is_whole(http: TestClient) -> None:
    *told, end = streamed(http, [[ONE], [FIVE]], n=2, max_tokens=2)
    assert end == "[DONE]"
    assert len({(frame["id"], frame["created"]) for frame in told}) == 1
    for frame in told:
        assert (frame["object"], frame["model"]) == ("text_completion", "counting")
        assert "usage" not in frame
        for choice in frame["choices"]:
            assert set(choice) == {"index", "text", "logprobs", "finish_reason"}


def test_each_choice_of_a_stream_ends_once(http: TestClient) -> None:
    told = streamed(http, [COUNT, [FIVE]], n=2)
    six = " six seven eight nine ten"
    assert joined(told) == {0: COUNTED, 1: COUNTED, 2: six, 3: six}
    ends = [(c["index"], c["finish_reason"]) for frame in told[:-1] for c in frame["choices"]]
    assert sorted(index for index, reason in ends if reason == "stop") == [0, 1, 2, 3]


def test_usage_comes_last_where_it_is_asked_for(http: TestClient) -> None:
    *told, last, end = streamed(http, [COUNT, [FIVE]], stream_options={"include_usage": True})
    assert end == "[DONE]"
    assert last["choices"] == []
    assert last["usage"] == completed(http, [COUNT, [FIVE]])["usage"] | {
        "prompt_tokens_details": last["usage"]["prompt_tokens_details"]
    }
    assert all(frame["usage"] is None for frame in told)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fields", "status", "code", "param"),
    [
        ({"model": "gpt-9"}, 404, "model_not_found", "model"),
        ({"model": "trinax-extract"}, 400, "invalid_request", "model"),
        ({"prompt": "one " * 600}, 400, "context_length_exceeded", "prompt"),
        ({"prompt": [9999]}, 400, "invalid_request", "prompt"),
        ({"logit_bias": {"9999": 1}}, 400, "invalid_request", "logit_bias"),
        ({"n": "two"}, 400, "invalid_request", "n"),
    ],
)
def test_what_cannot_be_continued_is_refused(
    http: TestClient, fields: Any, status: int, code: str, param: str, stream: bool
) -> None:
    answer = http.post(COMPLETIONS, json=body(stream=stream) | fields)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (status, code, param)


@pytest.mark.parametrize("model", ["auto", "trinax-extract"])
def test_without_a_model_there_is_none_to_continue(settings: Settings, model: str) -> None:
    with serving(settings) as http:
        answer = http.post(COMPLETIONS, json=body(model=model))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "no_generative_model")


def test_a_failure_of_one_prompt_is_the_answer(http: TestClient) -> None:
    answer = http.post(COMPLETIONS, json=body([COUNT, "one " * 600, COUNT]))
    assert answer.json()["error"]["code"] == "context_length_exceeded"


def test_a_later_failure_is_the_last_frame(settings: Settings) -> None:
    broken = Parrot("one two", failure=ModelFailed("parrot", "it broke"), fails_after=1)
    with serving(settings, broken) as http:
        answer = http.post(COMPLETIONS, json=body(model="auto", stream=True))
    *_, last = answer.text.removesuffix("\n\n").split("\n\n")
    assert answer.status_code == 200
    assert json.loads(last.removeprefix("data: "))["error"]["code"] == "model_failed"


def test_what_had_no_effect_is_listed(settings: Settings) -> None:
    with serving(settings, Parrot("yes")) as http:
        answer = http.post(COMPLETIONS, json=body(model="auto", seed=1, user="me"))
        stream = http.post(COMPLETIONS, json=body(model="auto", seed=1, stream=True))
    assert answer.headers["x-trinax-ignored"] == "user, seed"
    assert stream.headers["x-trinax-ignored"] == "seed"
