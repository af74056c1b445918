from contextlib import aclosing

import pytest

from tests.models.upstream.asking import TEXT, asked, asking, failure, text
from tests.models.upstream.conftest import Open
from tests.models.upstream.player import Answer, Player, refusal
from tests.models.upstream.recorded import (
    BEGINNING,
    COMPLETION,
    DONE,
    LLAMA_SERVER,
    OLLAMA,
    OPENAI,
    OPENAI_CALLS,
    VLLM,
    chunk,
    frame,
)
from trinax.documents import tokens
from trinax.errors import (
    Busy,
    UpstreamFailed,
)
from trinax.models.ports import (
    CallPiece,
    Finish,
    Generation,
    Infilling,
    Piece,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("wire", "finish"),
    [
        (OPENAI, Finish("stop", 1419, 3, cached_tokens=1280)),
        # 5 of the 7 tokens that trinax counts are thought, and 9 * 5 / 7 = 6.4 of vLLM's.
        (VLLM, Finish("stop", 21, 9, reasoning_tokens=6)),
        (LLAMA_SERVER, Finish("stop", 12, 3, cached_tokens=8)),
    ],
    ids=["openai", "vllm", "llama-server"],
)
async def test_an_answer_comes_with_the_counts_of_its_server(
    player: Player, opened: Open, wire: bytes, finish: Finish
) -> None:
    player.play(wire)
    events = await asked(opened())
    assert text(events) == "Hello there"
    assert events[-1] == finish


@pytest.mark.parametrize("wire", [VLLM, OLLAMA], ids=["vllm", "ollama"])
async def test_thoughts_come_on_their_own_channel(
    player: Player, opened: Open, wire: bytes
) -> None:
    player.play(wire)
    events = await asked(opened())
    assert (text(events, "reasoning"), text(events)) == ("They greet me.", "Hello there")


async def test_tokens_that_the_server_does_not_count_are_counted_here(
    player: Player, opened: Open
) -> None:
    player.play(OLLAMA)
    generator = opened()
    [*_, finish] = await asked(generator)
    thought = tokens.count("They greet me.")
    written = thought + tokens.count("Hello there")
    assert finish == Finish("stop", tokens.count(TEXT), written, reasoning_tokens=thought)


async def test_tool_calls_come_in_parts(player: Player, opened: Open) -> None:
    player.play(OPENAI_CALLS)
    *calls, finish = await asked(opened())
    assert calls == [
        CallPiece(0, "", "call_a", "weather"),
        CallPiece(0, '{"city":'),
        CallPiece(0, '"Oslo"}'),
        CallPiece(1, "", "call_b", "clock"),
        CallPiece(1, "{}"),
    ]
    assert isinstance(finish, Finish)
    assert finish.reason == "tool_calls"


async def test_a_gap_is_filled_through_completions(player: Player, opened: Open) -> None:
    player.play(COMPLETION)
    filling = Generation((), "", infilling=Infilling("def f(a):\n    ", "\n"))
    events = await asked(opened(), filling)
    assert player.asked[0].path == "/v1/completions"
    assert player.asked[0].body["suffix"] == "\n"
    assert text(events) == "return a"
    assert events[-1] == Finish("length", 7, 2)
    assert isinstance(events[0], Piece)
    assert [one.token for one in events[0].logprobs[0].top] == ["return", " yield"]


async def test_the_server_is_asked_for_its_own_id_with_the_key(
    player: Player, opened: Open
) -> None:
    player.play(OPENAI)
    await asked(opened(key="sk-secret"))
    assert player.asked[0].path == "/v1/chat/completions"
    assert player.asked[0].body["model"] == "there"
    assert player.asked[0].headers["authorization"] == "Bearer sk-secret"


async def test_without_a_key_none_is_sent(player: Player, opened: Open) -> None:
    player.play(OPENAI)
    await asked(opened())
    assert "authorization" not in player.asked[0].headers


async def test_choices_share_the_tokens_that_were_counted_together(
    player: Player, opened: Open
) -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 9}
    player.play(
        chunk({"content": "one two"}, index=1)
        + chunk({"content": "one"})
        + chunk({}, "stop", 1)
        + chunk({}, "length")
        + frame({"choices": [], "usage": usage})
        + DONE
    )
    events = await asked(opened(), asking(n=2))
    assert (text(events), text(events, choice=1)) == ("one", "one two")
    assert events[-2:] == [Finish("length", 5, 3), Finish("stop", 5, 6, choice=1)]


async def test_a_choice_that_never_came_is_missed(player: Player, opened: Open) -> None:
    player.play(OPENAI)
    with pytest.raises(UpstreamFailed, match="wrote 1 of 2 choices"):
        await asked(opened(), asking(n=2))


async def test_a_character_of_two_lines_of_the_protocol_stays_whole(
    player: Player, opened: Open
) -> None:
    # U+2028 ends a line for str.splitlines, not for server-sent events.
    choice = '{"index":0,"delta":{"content":"a\u2028b"},"finish_reason":"stop"}'
    player.play(f'data: {{"choices":[{choice}]}}\n\n'.encode() + DONE)
    assert text(await asked(opened())) == "a\u2028b"


async def test_half_a_character_in_a_question_is_sent_escaped(player: Player, opened: Open) -> None:
    player.play(OPENAI)
    await asked(opened(), asking("a\ud83d"))
    assert player.asked[0].body["messages"][0]["content"] == "a\ud83d"


async def test_an_upstream_that_says_done_without_a_reason_has_stopped(
    player: Player, opened: Open
) -> None:
    player.play(BEGINNING + DONE)
    [*_, finish] = await asked(opened())
    assert isinstance(finish, Finish)
    assert finish.reason == "stop"


async def test_a_reason_without_done_is_an_end(player: Player, opened: Open) -> None:
    player.play(BEGINNING + chunk({}, "length"))
    [*_, finish] = await asked(opened())
    assert isinstance(finish, Finish)
    assert finish.reason == "length"


async def test_one_request_too_many_is_busy(player: Player, opened: Open) -> None:
    player.play(Answer(BEGINNING, end="hang"))
    generator = opened(limit=1)
    async with aclosing(generator.generate(asking())) as events:
        await anext(events)
        assert "'box' is busy" in await failure(generator, Busy)
        assert generator.load().capacity == 1
    player.play(OPENAI)
    assert text(await asked(generator)) == "Hello there"


async def test_a_server_that_wants_another_name_for_the_limit_gets_it_from_then_on(
    player: Player, opened: Open
) -> None:
    error = {"message": "no", "param": "max_tokens", "code": "unsupported_parameter"}
    player.play(refusal(400, error), OPENAI)
    generator = opened(retries=0)
    for _ in range(2):
        await asked(generator, asking(max_tokens=5))
    limits = [[key for key in one.body if key.startswith("max")] for one in player.asked]
    assert limits == [["max_tokens"], ["max_completion_tokens"], ["max_completion_tokens"]]
