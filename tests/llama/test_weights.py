from collections.abc import Iterator
from pathlib import Path

import gguf
import pytest

from tests import encoder_files as files
from trinax.errors import ModelFailed
from trinax.llama.weights import Weights


@pytest.fixture
def weights(tmp_path: Path) -> Iterator[Weights]:
    file = tmp_path / "tiny.gguf"
    files.write_qwen3(file, gguf.PoolingType.RANK, ("yes", "no"), template="{query}" + 1000 * "…")
    weights = Weights("tiny", file)
    yield weights
    weights.close()


def test_metadata_is_read_whole(weights: Weights) -> None:
    assert weights.value("tokenizer.chat_template.rerank") == "{query}" + 1000 * "…"
    assert weights.value("qwen3.embedding_length") == str(files.WIDTH)


def test_metadata_that_is_not_there_is_empty(weights: Weights) -> None:
    assert weights.value("general.nothing") == ""


def test_the_header_says_what_it_was_made_for(weights: Weights) -> None:
    assert weights.trained_tokens == files.CONTEXT_TOKENS
    assert weights.classes == ("yes", "no")
    assert not weights.recurrent


def test_a_file_that_is_no_model_is_named_with_the_reason(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and nothing more")
    with pytest.raises(ModelFailed, match=r"Model 'broken' failed: .*load") as caught:
        Weights("broken", broken)
    assert str(tmp_path) not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFailed, match="Model 'gone' failed"):
        Weights("gone", tmp_path / "gone.gguf")


def test_closing_twice_is_no_error(weights: Weights) -> None:
    weights.close()
    weights.close()


def test_nothing_is_written_to_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Weights("tiny", files.write_bert(tmp_path / "m.gguf", gguf.PoolingType.MEAN)).close()
    assert capfd.readouterr() == ("", "")
