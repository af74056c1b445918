import json
from typing import Any

import pytest

from trinax.errors import UpstreamFailed
from trinax.models.ports import CallPiece, GenerationEvent, Piece, TokenLogprob
from trinax.models.upstream.failures import Refused
from trinax.models.upstream.reply import Reply

HALVES = ("\ud83d", "\ude00")  # together U+1F600, a grinning face


def fed(*choices: dict[str, Any]) -> list[GenerationEvent]:
    """The events of these parts of the only choice, one a chunk."""
    reply = Reply("box", 1)
    chunks = [json.dumps({"choices": [choice]}) for choice in choices]
    return [event for chunk in chunks for event in reply.feed(chunk)]


def calls(*parts: dict[str, Any]) -> list[GenerationEvent]:
    return fed(*({"delta": {"tool_calls": [part]}} for part in parts))


def reason(*choices: dict[str, Any]) -> str:
    reply = Reply("box", 1)
    for choice in choices:
        list(reply.feed(json.dumps({"choices": [choice]})))
    return reply.finishes(0)[0].reason


def test_a_role_alone_is_nothing() -> None:
    assert fed({"delta": {"role": "assistant", "content": ""}}, {"delta": {"content": None}}) == []


@pytest.mark.parametrize("data", ['{"choices": []}', '{"choices": null}', "{}", '{"usage": null}'])
def test_a_chunk_may_hold_no_choice(data: str) -> None:
    assert list(Reply("box", 1).feed(data)) == []


def test_a_refusal_is_what_the_model_says() -> None:
    assert fed({"delta": {"refusal": "I cannot."}}) == [Piece("I cannot.")]


def test_thought_and_answer_in_one_chunk_are_told_apart() -> None:
    both = fed({"delta": {"reasoning": "Hm.", "content": "Yes."}})
    assert both == [Piece("Hm.", channel="reasoning"), Piece("Yes.")]


def test_the_same_thought_under_two_names_is_told_once() -> None:
    both = fed({"delta": {"reasoning": "Hm.", "reasoning_content": "Hm."}})
    assert both == [Piece("Hm.", channel="reasoning")]


def test_a_character_that_was_cut_in_two_is_joined() -> None:
    parts = [{"delta": {"content": f"a{HALVES[0]}"}}, {"delta": {"content": f"{HALVES[1]}b"}}]
    assert fed(*parts) == [Piece("a"), Piece("\U0001f600b")]


def test_half_a_character_is_replaced_where_the_other_half_never_comes() -> None:
    alone = fed({"delta": {"content": HALVES[0]}}, {"delta": {"content": "b"}})
    assert alone == [Piece("\ufffdb")]
    last = fed({"delta": {"content": HALVES[0]}}, {"delta": {}, "finish_reason": "stop"})
    assert last == [Piece("\ufffd")]
    assert fed({"delta": {"content": HALVES[1]}}) == [Piece("\ufffd")]


def test_calls_without_an_index_are_told_apart_by_their_ids() -> None:
    assert calls(
        {"id": "a", "function": {"name": "one", "arguments": "{"}},
        {"function": {"arguments": "}"}},
        {"id": "b", "function": {"name": "two", "arguments": "{}"}},
    ) == [
        CallPiece(0, "{", "a", "one"),
        CallPiece(0, "}"),
        CallPiece(1, "{}", "b", "two"),
    ]


def test_calls_that_all_have_the_index_0_are_told_apart_by_their_ids() -> None:
    assert calls(
        {"index": 0, "id": "a", "function": {"name": "one", "arguments": "{}"}},
        {"index": 0, "id": "b", "function": {"name": "two", "arguments": "{}"}},
    ) == [CallPiece(0, "{}", "a", "one"), CallPiece(1, "{}", "b", "two")]


def test_calls_without_ids_are_told_apart_by_their_names() -> None:
    first, second = calls(
        {"index": 0, "id": "", "function": {"name": "one", "arguments": "{}"}},
        {"index": 0, "id": "", "function": {"name": "two", "arguments": "{}"}},
    )
    assert isinstance(first, CallPiece)
    assert isinstance(second, CallPiece)
    assert [(first.index, first.name), (second.index, second.name)] == [(0, "one"), (1, "two")]
    assert first.id != second.id


def test_an_id_that_comes_with_every_part_is_one_call() -> None:
    assert calls(
        {"index": 0, "id": "a", "function": {"name": "one", "arguments": "{"}},
        {"index": 0, "id": "a", "function": {"name": "one", "arguments": "}"}},
    ) == [CallPiece(0, "{", "a", "one"), CallPiece(0, "}")]


def test_a_call_without_an_id_gets_one() -> None:
    [call] = calls({"index": 0, "function": {"name": "one", "arguments": {"city": "Łódź"}}})
    assert isinstance(call, CallPiece)
    assert call.id.startswith("call_")
    assert call.arguments == '{"city": "Łódź"}'


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("stop", "stop"),
        ("eos_token", "stop"),
        ("length", "length"),
        ("tool_calls", "tool_calls"),
        ("function_call", "tool_calls"),
    ],
)
def test_reasons_have_one_word_each(said: str, meant: str) -> None:
    assert reason({"delta": {"content": "a"}, "finish_reason": said}) == meant


def test_who_stops_after_a_call_has_called() -> None:
    call = {"index": 0, "id": "a", "function": {"name": "one", "arguments": "{}"}}
    assert reason({"delta": {"tool_calls": [call]}, "finish_reason": "stop"}) == "tool_calls"


@pytest.mark.parametrize("said", ["content_filter", "abort", "error"])
def test_an_end_that_is_none_fails(said: str) -> None:
    with pytest.raises(UpstreamFailed, match=said):
        fed({"delta": {}, "finish_reason": said})


def test_logprobs_of_a_chat_carry_bytes_and_alternatives() -> None:
    top = [
        {"token": "é", "logprob": -0.25, "bytes": [195, 169]},
        {"token": "e", "logprob": -2.0, "bytes": None},
    ]
    likely = {"content": [{**top[0], "top_logprobs": top}]}
    [piece] = fed({"delta": {"content": "é"}, "logprobs": likely})
    best, second = TokenLogprob("é", b"\xc3\xa9", -0.25), TokenLogprob("e", b"e", -2.0)
    assert piece == Piece("é", logprobs=(TokenLogprob("é", b"\xc3\xa9", -0.25, (best, second)),))


def test_logprobs_without_text_are_kept() -> None:
    half = {"token": "\ufffd", "logprob": -1.0, "bytes": [195]}
    [piece] = fed({"delta": {"content": ""}, "logprobs": {"content": [half]}})
    assert piece == Piece("", logprobs=(TokenLogprob("\ufffd", b"\xc3", -1.0),))


@pytest.mark.parametrize(
    "data",
    [
        "",
        "null",
        "1",
        "[]",
        "{",
        "[" * 100_000,
        '{"choices": 1}',
        '{"choices": [1]}',
        '{"choices": [{"index": 1, "delta": {"content": "a"}}]}',
        '{"choices": [{"index": "a", "delta": {"content": "a"}}]}',
        '{"choices": [{"delta": {"content": 1}}]}',
        '{"choices": [{"delta": {"content": [{"type": "text", "text": "a"}]}}]}',
        '{"choices": [{"delta": {"tool_calls": [{"index": 0}]}}]}',
        '{"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"name": 1}}]}}]}',
        '{"choices": [{"delta": {"tool_calls": [{"id": 1, "function": {"name": "a"}}]}}]}',
        '{"choices": [{"delta": {"content": "a"}, "logprobs": {"content": [{"token": "a"}]}}]}',
        '{"choices": [{"delta": {"content": "a"}, "finish_reason": 1}]}',
        '{"choices": [{"delta": {"content": "a"}, "finish_reason": ["stop"]}]}',
        '{"usage": {"prompt_tokens": Infinity}}',
        '{"usage": "many"}',
    ],
)
def test_another_form_fails_and_never_crashes(data: str) -> None:
    with pytest.raises(UpstreamFailed):
        list(Reply("box", 1).feed(data))


@pytest.mark.parametrize("error", [{"message": "out of memory", "code": 500}, "out of memory"])
def test_an_error_is_seen_in_every_form(error: Any) -> None:
    with pytest.raises(Refused) as caught:
        list(Reply("box", 1).feed(json.dumps({"error": error})))
    assert caught.value.refusal.message == "out of memory"
    assert caught.value.refusal.status == 500


def test_choices_that_are_counted_one_by_one_are_added() -> None:
    reply = Reply("box", 2)
    for index in range(2):
        choice = {"index": index, "delta": {"content": "one"}, "finish_reason": "length"}
        list(reply.feed(json.dumps({"choices": [choice]})))
    for _ in range(2):
        usage = {"prompt_tokens": 28, "completion_tokens": 3}
        list(reply.feed(json.dumps({"choices": [], "usage": usage})))
    counts = [(each.prompt_tokens, each.completion_tokens) for each in reply.finishes(0)]
    assert counts == [(28, 3), (28, 3)]


def test_reasoning_that_the_server_counts_is_not_counted_again() -> None:
    reply = Reply("box", 1)
    details = {"completion_tokens_details": {"reasoning_tokens": 320}}
    usage = {"prompt_tokens": 9, "completion_tokens": 400, **details}
    choice = {"delta": {"content": "42"}, "finish_reason": "stop"}
    list(reply.feed(json.dumps({"choices": [choice], "usage": usage})))
    [finish] = reply.finishes(0)
    assert (finish.completion_tokens, finish.reasoning_tokens) == (400, 320)
