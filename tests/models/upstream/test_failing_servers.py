import logging
from typing import Any

import anyio.to_thread
import pytest

from tests.models.upstream.asking import asked, asking, failure, text
from tests.models.upstream.conftest import Open
from tests.models.upstream.player import Answer, Player, refusal
from tests.models.upstream.recorded import (
    BEGINNING,
    DONE,
    OPENAI,
    chunk,
    frame,
)
from trinax.errors import (
    Busy,
    ContextLengthExceeded,
    InvalidRequest,
    TimedOut,
    UpstreamFailed,
)
from trinax.models.ports import (
    Piece,
    Turn,
)

pytestmark = pytest.mark.slow

UNAVAILABLE = refusal(503, {"message": "Loading model", "code": 503}, **{"retry-after": "0"})
FULL = refusal(429, {"message": "Rate limit"}, **{"retry-after": "0"})


@pytest.mark.parametrize("end", ["whole", "cut"])
async def test_an_answer_that_breaks_off_is_no_answer(
    player: Player, opened: Open, end: Any
) -> None:
    player.play(Answer(BEGINNING, end=end))
    events = opened().generate(asking())
    assert await anext(events) == Piece("Hello")
    with pytest.raises(UpstreamFailed, match="'box' failed"):
        await anext(events)
    assert len(player.asked) == 1


@pytest.mark.parametrize("end", ["cut", "hang"])
async def test_what_follows_the_last_word_does_no_harm(
    player: Player, opened: Open, end: Any
) -> None:
    player.play(Answer(BEGINNING + chunk({}, "stop"), end=end))
    assert text(await asked(opened(timeout_s=0.2))) == "Hello"


@pytest.mark.parametrize(
    "error",
    [
        {"error": {"message": "CUDA out of memory", "type": "server_error", "code": 500}},
        {"error": "CUDA out of memory"},
        {"object": "error", "message": "CUDA out of memory", "code": 400},
    ],
)
async def test_an_error_in_the_middle_is_told(player: Player, opened: Open, error: Any) -> None:
    player.play(BEGINNING + frame(error) + DONE)
    with pytest.raises((UpstreamFailed, InvalidRequest), match="CUDA out of memory"):
        await asked(opened())
    assert len(player.asked) == 1


@pytest.mark.parametrize(
    "data", [b"data: {\n\n", b"data: []\n\n", b'data: {"choices": [{"index": 4}]}\n\n']
)
async def test_what_is_no_answer_fails(player: Player, opened: Open, data: bytes) -> None:
    player.play(data + DONE)
    assert "unknown form" in await failure(opened(), UpstreamFailed)


async def test_a_page_instead_of_a_stream_fails(player: Player, opened: Open) -> None:
    player.play(Answer(b"<html>Welcome</html>", headers={"content-type": "text/html"}))
    assert "stream of events" in await failure(opened(), UpstreamFailed)


async def test_a_passing_failure_is_tried_again(player: Player, opened: Open) -> None:
    player.play(FULL, UNAVAILABLE, OPENAI)
    assert text(await asked(opened())) == "Hello there"
    assert len(player.asked) == 3


async def test_a_connection_cut_before_the_first_token_is_tried_again(
    player: Player, opened: Open
) -> None:
    player.play(Answer(b": hello\n\n", end="cut"), OPENAI)
    assert text(await asked(opened())) == "Hello there"


async def test_a_server_that_stays_full_is_busy(player: Player, opened: Open) -> None:
    player.play(FULL)
    assert "'box' is busy" in await failure(opened(), Busy)
    assert len(player.asked) == 3


async def test_a_long_wait_is_left_to_the_client(player: Player, opened: Open) -> None:
    player.play(refusal(429, {"message": "Rate limit"}, **{"retry-after": "77"}))
    with pytest.raises(Busy) as caught:
        await asked(opened())
    assert caught.value.retry_after_s == 77
    assert len(player.asked) == 1


async def test_a_page_of_a_broken_proxy_is_named_by_its_status(
    player: Player, opened: Open
) -> None:
    headers = {"content-type": "text/html", "retry-after": "0"}
    player.play(Answer(b"<html><h1>Bad gateway</h1></html>", 502, headers))
    message = await failure(opened(retries=1), UpstreamFailed)
    assert message == "Upstream 'box' failed: HTTP 502."
    assert len(player.asked) == 2


async def test_a_spent_quota_is_not_tried_again(player: Player, opened: Open) -> None:
    error = {"message": "You exceeded your current quota.", "code": "insufficient_quota"}
    player.play(refusal(429, error))
    assert "exceeded your current quota" in await failure(opened(), UpstreamFailed)
    assert len(player.asked) == 1


async def test_no_server_at_all_is_told(opened: Open) -> None:
    # Port 9 is "discard", which nobody runs.
    generator = opened(url="http://127.0.0.1:9/v1", retries=0)
    assert "no connection could be made" in await failure(generator, UpstreamFailed)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_names_the_setting_and_not_the_key(
    player: Player, opened: Open, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    player.play(refusal(status, {"message": "Incorrect API key provided: sk-secret"}))
    message = await failure(opened(key="sk-secret"), UpstreamFailed)
    assert "upstreams.box.key" in message
    assert "sk-secret" not in message + caplog.text


async def test_a_key_in_a_message_is_cut_out(player: Player, opened: Open) -> None:
    player.play(refusal(400, {"message": "sk-secret is not allowed to do this", "param": "n"}))
    with pytest.raises(InvalidRequest) as caught:
        await asked(opened(key="sk-secret"))
    assert "is not allowed to do this" in str(caught.value)
    assert "sk-secret" not in str(caught.value)
    assert caught.value.param == "n"


async def test_a_key_in_an_error_in_the_middle_is_cut_out(player: Player, opened: Open) -> None:
    player.play(BEGINNING + frame({"error": {"message": "sk-secret ran out"}}))
    message = await failure(opened(key="sk-secret"), UpstreamFailed)
    assert message == "Upstream 'box' failed: HTTP 500, ran out."


async def test_an_unknown_model_names_the_setting(player: Player, opened: Open) -> None:
    player.play(refusal(404, {"message": "model not found"}))
    message = await failure(opened(), UpstreamFailed)
    assert "'there'" in message
    assert "upstreams.box.models" in message


@pytest.mark.parametrize(
    "error",
    [
        {"message": "too long", "code": "context_length_exceeded", "param": "messages"},
        {"message": "too long", "code": 400, "type": "BadRequestError", "param": "input_tokens"},
    ],
    ids=["openai", "vllm"],
)
async def test_a_prompt_that_is_too_long_is_told_as_such(
    player: Player, opened: Open, error: Any
) -> None:
    player.play(refusal(400, error))
    message = await failure(opened(context_tokens={"here": 4}), ContextLengthExceeded)
    assert "'here' takes 4" in message


async def test_llama_server_says_how_long_a_prompt_may_be(player: Player, opened: Open) -> None:
    kind = "exceed_context_size_error"
    error = {"code": 400, "message": "too long", "type": kind, "n_prompt_tokens": 9000}
    player.play(refusal(400, {**error, "n_ctx": 4096}))
    message = await failure(opened(), ContextLengthExceeded)
    assert "has 9000 tokens and 'here' takes 4096" in message


async def test_silence_before_the_first_token_ends(player: Player, opened: Open) -> None:
    player.play(Answer(late=True))
    assert "silent for 0.2 s" in await failure(opened(timeout_s=0.2), UpstreamFailed)
    assert len(player.asked) == 1


async def test_silence_between_tokens_ends(player: Player, opened: Open) -> None:
    player.play(Answer(BEGINNING, end="hang"))
    assert "silent for 0.2 s" in await failure(opened(timeout_s=0.2), UpstreamFailed)


@pytest.mark.parametrize("answer", [Answer(late=True), Answer(BEGINNING, end="hang")])
async def test_a_request_ends_at_its_own_limit(
    player: Player, opened: Open, answer: Answer
) -> None:
    player.play(answer)
    with pytest.raises(TimedOut, match=r"'here' took longer than 0\.2 s"):
        await asked(opened(), asking(turn=Turn(limit_s=0.2)))
    assert await anyio.to_thread.run_sync(player.gone.wait, 5)
