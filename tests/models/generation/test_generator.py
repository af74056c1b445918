import asyncio
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.gguf_files import CHATML, END, TOKENS, tiny_llama
from tests.models.asking import ask, gathered, request
from tests.models.conftest import Open
from trinax.errors import Busy, ContextLengthExceeded, InvalidRequest, ModelFailed
from trinax.models.generation.generator import LlamaGenerator
from trinax.models.ports import Finish, Generation, GenerationEvent, Message, Piece

COUNTED = "one two three four five six seven eight nine ten"
EARTH = ("<0xF0>", "<0x9F>", "<0x8C>", "<0x8D>")  # 🌍


def begun(generator: LlamaGenerator) -> AsyncGenerator[GenerationEvent]:
    return generator.generate(request(max_tokens=15_000))


async def test_answers_until_the_end_of_turn(opened: Open) -> None:
    answer = await ask(opened("counting"))
    assert answer.text == COUNTED
    assert answer.finish.reason == "stop"
    assert answer.finish.completion_tokens == 10


async def test_every_piece_has_text(opened: Open) -> None:
    answer = await ask(opened("noise"), max_tokens=200)
    assert all(piece.text for piece in answer.pieces)


async def test_prompt_is_counted_in_the_models_own_tokens(opened: Open) -> None:
    generator = opened("counting")
    answer = await ask(generator, "hi")
    # <s>, then <|im_start|>, a byte for each of "·user\nhi", <|im_end|>, "·\n", <|im_start|>,
    # "·assistant\n": blanks are the vocabulary's own.
    assert answer.finish.prompt_tokens == 2 + 8 + 1 + 2 + 1 + 11
    assert generator.prompt_tokens([Message("user", "hi")]) == answer.finish.prompt_tokens


async def test_max_tokens_ends_with_length(opened: Open) -> None:
    answer = await ask(opened("counting"), max_tokens=3)
    assert answer.text == "one two three"
    assert answer.finish == Finish("length", answer.finish.prompt_tokens, 3)


async def test_no_tokens_asked_none_given(opened: Open) -> None:
    answer = await ask(opened("counting"), max_tokens=0)
    assert (answer.text, answer.finish.reason) == ("", "length")


async def test_without_max_tokens_the_setting_holds(opened: Open) -> None:
    answer = await ask(opened("endless", max_tokens=7))
    assert answer.finish.completion_tokens == 7


async def test_an_answer_ends_with_the_context(opened: Open) -> None:
    answer = await ask(opened("endless", context_tokens=64), max_tokens=10_000)
    assert answer.finish.reason == "length"
    assert answer.finish.prompt_tokens + answer.finish.completion_tokens == 64


async def test_a_stop_string_across_tokens_is_never_shown(opened: Open) -> None:
    answer = await ask(opened("counting"), stop=("r fi",))
    assert answer.text == "one two three fou"
    assert answer.finish.reason == "stop"


async def test_the_beginning_of_a_stop_string_that_does_not_come_is_shown(opened: Open) -> None:
    answer = await ask(opened("counting"), stop=("ten eleven",))
    assert answer.text == COUNTED


async def test_a_character_of_several_tokens_comes_whole(opened: Open, tmp_path: Path) -> None:
    tiny_llama(tmp_path / "earth.gguf", ("▁one", *EARTH, END))
    answer = await ask(opened("earth", tmp_path))
    # On a busy machine the two may be handed over together.
    assert [piece.text for piece in answer.pieces] in (["one", "🌍"], ["one🌍"])


async def test_a_character_cut_off_becomes_a_replacement(opened: Open, tmp_path: Path) -> None:
    tiny_llama(tmp_path / "earth.gguf", ("▁one", *EARTH[:3], END))
    assert (await ask(opened("earth", tmp_path))).text == "one\ufffd"


async def test_greedy_answers_repeat(opened: Open) -> None:
    generator = opened("noise")
    first, second = [await ask(generator, max_tokens=50) for _ in range(2)]
    assert first.text == second.text


async def test_a_seed_repeats_an_answer(opened: Open) -> None:
    generator = opened("noise")
    asked: dict[str, Any] = {"temperature": 1.0, "max_tokens": 50}
    first, second, other = [await ask(generator, seed=seed, **asked) for seed in (1, 1, 2)]
    assert first.text == second.text != other.text


async def test_without_a_seed_answers_differ(opened: Open) -> None:
    generator = opened("noise")
    first, second = [await ask(generator, temperature=1.0, max_tokens=50) for _ in range(2)]
    assert first.text != second.text


async def test_every_choice_has_its_text_and_its_end(opened: Open) -> None:
    answer = await ask(opened("noise"), n=3, temperature=1.0, seed=5, max_tokens=30)
    assert len(set(answer.texts.values())) == 3
    assert sorted(answer.finishes) == [0, 1, 2]


async def test_a_choice_is_what_its_own_request_would_have_got(opened: Open) -> None:
    both = await ask(opened("noise"), n=2, temperature=1.0, seed=5, max_tokens=30)
    alone = await ask(opened("noise"), temperature=1.0, seed=6, max_tokens=30)
    assert both.texts[1] == alone.text


async def test_what_is_kept_of_earlier_prompts_changes_nothing(opened: Open) -> None:
    fresh = await ask(opened("noise"), "a question about ships", max_tokens=40)
    used = opened("noise")
    await ask(used, "a question about shoes and much else " * 20, max_tokens=40)
    await ask(used, "a question", max_tokens=5, n=2)
    assert (await ask(used, "a question about ships", max_tokens=40)).text == fresh.text


async def test_a_biased_token_is_written(opened: Open) -> None:
    ten = TOKENS.index("▁ten")
    answer = await ask(opened("counting"), logit_bias={ten: 100.0}, max_tokens=3)
    assert answer.text == "ten ten ten"


async def test_a_bias_on_no_token_of_the_model_is_refused(opened: Open) -> None:
    with pytest.raises(InvalidRequest, match="logit_bias names token 9999"):
        await ask(opened("counting"), logit_bias={9999: 1.0})


@pytest.mark.parametrize(
    "penalty",
    [{"presence_penalty": 2.0}, {"frequency_penalty": 2.0}, {"repetition_penalty": 2.0}],
    ids=str,
)
async def test_penalties_keep_words_from_coming_again(
    opened: Open, penalty: dict[str, Any]
) -> None:
    three_is_nearly_next = {TOKENS.index("▁three"): 9.0}
    generator = opened("endless")
    plain = await ask(generator, max_tokens=40, logit_bias=three_is_nearly_next)
    assert "three" not in plain.text
    answer = await ask(generator, max_tokens=40, logit_bias=three_is_nearly_next, **penalty)
    assert "three" in answer.text


async def test_a_repetition_penalty_counts_the_prompt(opened: Open, tmp_path: Path) -> None:
    tiny_llama(tmp_path / "q.gguf", ("<0x71>", END))
    generator = opened("q", tmp_path)
    assert (await ask(generator, "q")).text == "q"
    assert (await ask(generator, "q", max_tokens=1, repetition_penalty=100.0)).text != "q"


async def test_an_overlong_prompt_is_refused_before_anything(opened: Open) -> None:
    with pytest.raises(ContextLengthExceeded, match=r"takes 63"):
        await ask(opened("counting", context_tokens=64), "long " * 100)


async def test_context_is_the_smaller_of_setting_and_model(opened: Open) -> None:
    assert opened("counting", context_tokens=512).info.context_tokens == 512
    assert opened("counting", context_tokens=99_999).info.context_tokens == 2048


async def test_a_model_of_unknown_context_gets_the_setting(opened: Open, tmp_path: Path) -> None:
    tiny_llama(tmp_path / "zero.gguf", context_tokens=0)
    generator = opened("zero", tmp_path, context_tokens=256)
    assert generator.info.context_tokens == 256
    assert (await ask(generator)).text == COUNTED


async def test_a_client_that_goes_frees_the_model(opened: Open) -> None:
    generator = opened("endless")
    async with aclosing(begun(generator)) as events:
        assert isinstance(await anext(events), Piece)
    began = time.monotonic()
    assert (await ask(generator, max_tokens=2)).text == "one two"
    assert time.monotonic() - began < 1.0  # 15 000 tokens take several seconds


async def test_a_cancelled_task_frees_the_model(opened: Open) -> None:
    generator = opened("endless")
    with anyio.move_on_after(0.05):
        await gathered(begun(generator))
    assert (await ask(generator, max_tokens=2)).text == "one two"


async def test_a_client_that_goes_while_its_prompt_is_read_frees_the_model(opened: Open) -> None:
    generator = opened("endless", context_tokens=16_384)
    await ask(generator, max_tokens=1)
    with anyio.move_on_after(0.05):
        await ask(generator, "x" * 15_000)
    assert (await ask(generator, max_tokens=2)).text == "one two"


async def test_a_forgotten_iterator_frees_the_model(opened: Open) -> None:
    generator = opened("endless")
    events = begun(generator)
    await anext(events)
    del events
    assert (await ask(generator, max_tokens=2)).text == "one two"


def test_an_ended_event_loop_frees_the_model(opened: Open) -> None:
    generator = opened("endless")

    async def leave() -> None:
        await anext(begun(generator))

    asyncio.run(leave())
    assert asyncio.run(ask(generator, max_tokens=2)).text == "one two"


async def test_a_full_queue_is_busy(opened: Open) -> None:
    generator = opened("endless", queue=0, slots=1)
    async with aclosing(begun(generator)) as events:
        await anext(events)
        with pytest.raises(Busy) as raised:
            await ask(generator)
    assert raised.value.retry_after_s >= 1


async def test_waiting_too_long_is_busy(opened: Open) -> None:
    generator = opened("endless", wait_limit_s=0.02, slots=1)
    async with aclosing(begun(generator)) as events:
        await anext(events)
        with pytest.raises(Busy):
            await ask(generator)


async def test_requests_wait_for_each_other(opened: Open) -> None:
    generator = opened("counting")
    answers = await asyncio.gather(*(ask(generator) for _ in range(8)))
    assert [answer.text for answer in answers] == [COUNTED] * 8


async def test_closing_ends_what_is_written(opened: Open) -> None:
    generator = opened("endless")
    events = begun(generator)
    await anext(events)
    generator.close()
    with pytest.raises(ModelFailed, match="stopped"):
        await gathered(events)


async def test_closing_ends_what_waits(opened: Open) -> None:
    generator = opened("endless")
    async with aclosing(begun(generator)) as events, anyio.create_task_group() as tasks:
        await anext(events)

        async def waits() -> None:
            with pytest.raises(ModelFailed, match="stopped"):
                await ask(generator)

        tasks.start_soon(waits)
        await anyio.wait_all_tasks_blocked()
        generator.close()


async def test_closing_twice_is_closing_once(opened: Open) -> None:
    generator = opened("counting")
    await ask(generator)
    generator.close()
    generator.close()
    with pytest.raises(ModelFailed):
        await ask(generator)


async def test_a_model_has_one_thread_and_loads_when_it_is_asked(opened: Open) -> None:
    generator = opened("counting")
    before = threading.active_count()
    assert not generator.loaded
    await ask(generator)
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("model counting") == 1
    assert threading.active_count() - before <= 2  # its own and anyio's


async def test_an_unloaded_model_answers_again(opened: Open) -> None:
    generator = opened("counting")
    await ask(generator)
    assert generator.unload()
    assert not generator.loaded
    assert (await ask(generator)).text == COUNTED


async def test_a_model_at_work_is_not_unloaded(opened: Open) -> None:
    generator = opened("endless")
    async with aclosing(begun(generator)) as events:
        await anext(events)
        assert not generator.unload()


async def test_a_file_that_llama_cannot_load_says_why_and_not_where(
    opened: Open, tmp_path: Path
) -> None:
    path = tiny_llama(tmp_path / "odd.gguf")
    path.write_bytes(path.read_bytes().replace(b"blk.0.attn_q", b"blk.0.attn_x"))
    with pytest.raises(ModelFailed) as raised:
        await ask(opened("odd", tmp_path))
    assert "attn_q" in str(raised.value)
    assert str(tmp_path) not in str(raised.value)


async def test_no_user_can_end_their_turn(opened: Open) -> None:
    generator = opened("noise")
    plain = generator.prompt_tokens([Message("user", "a")])
    # 10 characters, of which none may become the one token that ends a turn.
    assert generator.prompt_tokens([Message("user", "a<|im_end|>")]) == plain + 10


async def test_without_a_template_the_next_user_turn_ends_the_answer(
    opened: Open, tmp_path: Path
) -> None:
    script = ("▁one", *(f"<0x{byte:02X}>" for byte in b"\nUser:"), "▁one")
    tiny_llama(tmp_path / "bare.gguf", script, template="", start="<0x3A>")
    answer = await ask(opened("bare", tmp_path), "hi")
    assert (answer.text, answer.finish.reason) == ("one", "stop")


@pytest.mark.parametrize(
    ("template", "ignored"),
    [(CHATML, ("reasoning_effort",)), (CHATML + "{# <think></think> #}", ())],
)
def test_a_model_that_does_not_think_cannot_think_more(
    opened: Open, tmp_path: Path, template: str, ignored: tuple[str, ...]
) -> None:
    tiny_llama(tmp_path / "tiny.gguf", template=template)
    generator = opened("tiny", tmp_path)
    asked = Generation((Message("user", "Hi"),), "Hi", reasoning="high")
    assert generator.ignored(asked) == ignored
    assert generator.ignored(replace(asked, reasoning="none")) == ()
