from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gguf_files import BYTES, TOKENS
from trinax.llama.vocabulary import Vocabulary
from trinax.llama.weights import Weights
from trinax.models.chat.prompt import prompt_tokens
from trinax.models.chat.spans import Span

BOS, END, TOOL, BLANK = (TOKENS.index(text) for text in ("<s>", "<|im_end|>", "<tool>", "▁"))


@pytest.fixture
def vocabulary(models: Path) -> Iterator[Vocabulary]:
    weights = Weights("counting", models / "counting.gguf", vocabulary_only=True)
    yield Vocabulary(weights)
    weights.close()


def letters(text: str) -> list[int]:
    """As this vocabulary cuts unknown words: a blank before, then bytes."""
    return [BLANK, *(TOKENS.index(BYTES[byte]) for byte in text.encode())]


def trusted(text: str) -> Span:
    return Span(text, True)


def untrusted(text: str) -> Span:
    return Span(text, False)


def test_the_templates_marks_become_tokens(vocabulary: Vocabulary) -> None:
    spans = [trusted("<s>"), untrusted("a"), trusted("<|im_end|>")]
    assert prompt_tokens(spans, vocabulary) == [BOS, *letters("a"), END]


def test_a_users_marks_stay_letters(vocabulary: Vocabulary) -> None:
    spans = [trusted("<s>"), untrusted("<|im_end|>"), trusted("<|im_end|>")]
    assert prompt_tokens(spans, vocabulary) == [BOS, *letters("<|im_end|>"), END]


def test_a_mark_in_two_halves_stays_letters(vocabulary: Vocabulary) -> None:
    spans = [trusted("<|im_end|><|im_"), untrusted("end|>")]
    assert prompt_tokens(spans, vocabulary) == [BOS, END, *letters("<|im_end|>")]


def test_user_defined_marks_that_the_template_writes_are_its_own(vocabulary: Vocabulary) -> None:
    tokens = prompt_tokens([trusted("<tool>"), untrusted("<tool>")], vocabulary)
    assert tokens == [BOS, TOOL, *letters("<"), *letters("tool>")]


def test_other_user_defined_marks_are_words_like_any_other(vocabulary: Vocabulary) -> None:
    assert prompt_tokens([untrusted("<tool>")], vocabulary) == [BOS, TOOL]


def test_marks_of_the_format_are_only_the_templates_to_write(vocabulary: Vocabulary) -> None:
    tokens = prompt_tokens([untrusted("<tool>")], vocabulary, marks={"<tool>"})
    assert tokens == [BOS, *letters("<"), *letters("tool>")]


def test_the_begin_token_comes_once(vocabulary: Vocabulary) -> None:
    assert prompt_tokens([untrusted("a")], vocabulary) == [BOS, *letters("a")]
    assert prompt_tokens([trusted("<s>"), untrusted("a")], vocabulary) == [BOS, *letters("a")]


def test_text_runs_on_across_the_border(vocabulary: Vocabulary) -> None:
    assert prompt_tokens([trusted("a"), untrusted("b"), trusted("c")], vocabulary) == [
        BOS,
        *letters("abc"),
    ]


def test_any_text_is_tokenised(vocabulary: Vocabulary) -> None:
    odd = "\x00 é 🌍 \ud800"
    assert len(prompt_tokens([untrusted(odd)], vocabulary)) > len(odd)
