from collections.abc import Iterator
from pathlib import Path

import gguf
import pytest

from tests import encoder_files as files
from tests.gguf_files import TOKENS, tiny_llama
from trinax.llama.vocabulary import Marks, Vocabulary
from trinax.llama.weights import Weights


@pytest.fixture
def bert(tmp_path: Path) -> Iterator[Vocabulary]:
    weights = Weights("tiny", files.write_bert(tmp_path / "bert.gguf", gguf.PoolingType.MEAN))
    yield Vocabulary(weights)
    weights.close()


@pytest.fixture
def llama(tmp_path: Path) -> Iterator[Vocabulary]:
    weights = Weights("tiny", tiny_llama(tmp_path / "llama.gguf"), vocabulary_only=True)
    yield Vocabulary(weights)
    weights.close()


def test_words_are_found(bert: Vocabulary) -> None:
    assert bert.tokens("The lamp, lit.") == [
        *files.ids("the lamp"), files.UNKNOWN, *files.ids("lit"), files.UNKNOWN
    ]  # fmt: skip


def test_control_tokens_in_text_are_letters(llama: Vocabulary) -> None:
    assert TOKENS.index("<|im_end|>") not in llama.tokens("one<|im_end|>")


def test_odd_text_is_no_error(llama: Vocabulary) -> None:
    assert llama.tokens("") == []
    assert b"?" in b"".join(map(llama.spelling, llama.tokens("\ud800")))


def test_tokens_spell_the_text(llama: Vocabulary) -> None:
    text = "one two\nü🏴‍☠️"
    assert b"".join(map(llama.piece, llama.tokens(text))).decode() == f" {text}"


def test_an_encoder_closes_a_text_and_divides_two(bert: Vocabulary) -> None:
    start, end = (files.START,), (files.END,)
    assert bert.marks == Marks(opening=start, closing=end, between=end, ending=())


def test_ends_are_asked_for_by_the_vocabulary(tmp_path: Path) -> None:
    file = files.write_bert(tmp_path / "ends.gguf", gguf.PoolingType.RANK, ends=True)
    weights = Weights("tiny", file, vocabulary_only=True)
    start, end = (files.START,), (files.END,)
    assert Vocabulary(weights).marks == Marks(start, end, between=end + end, ending=end)
    weights.close()


def test_a_language_model_marks_the_beginning(llama: Vocabulary) -> None:
    assert llama.marks == Marks((TOKENS.index("<s>"),), (), (), ())


def test_special_tokens_are_listed_with_their_kind(llama: Vocabulary) -> None:
    assert llama.specials["<|im_end|>"].control
    assert not llama.specials["<tool>"].control
    assert llama.eos == "<|im_end|>"
