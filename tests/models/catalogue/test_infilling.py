from pathlib import Path

import gguf
import pytest

from tests.gguf_files import tiny_llama
from trinax.llama.vocabulary import Vocabulary
from trinax.llama.weights import Weights
from trinax.models.catalogue.gguf_metadata import read_header
from trinax.models.catalogue.infilling import MARKS

TEXTS = [texts for _, texts in MARKS]


def vocabulary(path: Path, *marks: str) -> Path:
    """A model of nothing but words."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tokenizer_model("llama")
    tokens = ["<unk>", "<s>", "</s>", *marks]
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([2, 3, 3, *[4] * len(marks)])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.parametrize("marks", [*zip(*TEXTS, strict=True)])
def test_marks_are_known_by_their_texts(tmp_path: Path, marks: tuple[str, ...]) -> None:
    file = vocabulary(tmp_path / "a.gguf", *marks)
    assert read_header(file).fills_in
    assert found(file)


@pytest.mark.parametrize("marks", [(), ("<PRE>", "<SUF>"), ("a<PRE>", "<SUF>", "<MID>")])
def test_two_of_three_are_not_enough(tmp_path: Path, marks: tuple[str, ...]) -> None:
    file = vocabulary(tmp_path / "a.gguf", *marks)
    assert not read_header(file).fills_in
    assert not found(file)


def found(file: Path) -> bool:
    """By llama.cpp itself."""
    weights = Weights("a", file, vocabulary_only=True)
    marks = Vocabulary(weights).infill
    weights.close()
    return None not in (marks.prefix, marks.suffix, marks.middle)


@pytest.mark.parametrize("fills_in", [True, False])
def test_marks_are_known_by_their_keys(tmp_path: Path, fills_in: bool) -> None:
    file = tiny_llama(tmp_path / "a.gguf", fills_in=fills_in)
    assert read_header(file).fills_in is found(file) is fills_in
