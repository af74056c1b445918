from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np
import pytest

from tests import encoder_files as files
from trinax.errors import ModelFailed
from trinax.llama.context import Size
from trinax.llama.pooled import Pooled, Pooling, stored_pooling
from trinax.llama.weights import Weights

# llama.cpp looks GELU up in a table of half precision.
CLOSE = 5e-3
ROWS = ([2, 5, 6, 3], [2, 7, 3], [2, 8, 9, 10, 11, 12, 5, 6, 7, 3])


def evaluated(file: Path, rows: tuple[list[int], ...] = ROWS) -> files.Array:
    weights = Weights("tiny", file)
    pooled = Pooled(weights, stored_pooling(weights), Size(64, 8, 1))
    try:
        return pooled.evaluate(rows).astype(np.float64)
    finally:
        pooled.close()
        weights.close()


@pytest.fixture
def weights(tmp_path: Path) -> Iterator[Weights]:
    weights = Weights("tiny", files.write_bert(tmp_path / "m.gguf", gguf.PoolingType.MEAN))
    yield weights
    weights.close()


def test_mean_of_an_encoders_states(tmp_path: Path) -> None:
    file = files.write_bert(tmp_path / "mean.gguf", gguf.PoolingType.MEAN)
    expected = [files.bert(row, files.bert_tensors(0)).mean(axis=0) for row in ROWS]
    np.testing.assert_allclose(evaluated(file), expected, atol=CLOSE)


def test_first_of_an_encoders_states(tmp_path: Path) -> None:
    file = files.write_bert(tmp_path / "cls.gguf", gguf.PoolingType.CLS)
    expected = [files.bert(row, files.bert_tensors(0))[0] for row in ROWS]
    np.testing.assert_allclose(evaluated(file), expected, atol=CLOSE)


def test_last_of_a_causal_models_states(tmp_path: Path) -> None:
    file = files.write_qwen3(tmp_path / "last.gguf", gguf.PoolingType.LAST)
    expected = [files.qwen3(row, files.qwen3_tensors(0))[-1] for row in ROWS]
    np.testing.assert_allclose(evaluated(file), expected, atol=CLOSE)


def test_output_of_a_classifier(tmp_path: Path) -> None:
    file = files.write_bert(tmp_path / "rank.gguf", gguf.PoolingType.RANK)
    expected = [files.bert_outputs(row, files.bert_tensors(1)) for row in ROWS]
    np.testing.assert_allclose(evaluated(file), expected, atol=CLOSE)


def test_as_many_outputs_as_classes(tmp_path: Path) -> None:
    file = files.write_bert(tmp_path / "rank.gguf", gguf.PoolingType.RANK, ("no", "yes", "maybe"))
    expected = [files.bert_outputs(row, files.bert_tensors(3)) for row in ROWS]
    np.testing.assert_allclose(evaluated(file), expected, atol=CLOSE)


@pytest.mark.parametrize("architecture", ["bert", "qwen3"])
def test_a_sequence_is_not_changed_by_those_beside_it(tmp_path: Path, architecture: str) -> None:
    if architecture == "bert":
        file = files.write_bert(tmp_path / "m.gguf", gguf.PoolingType.MEAN)
    else:
        file = files.write_qwen3(tmp_path / "m.gguf", gguf.PoolingType.MEAN)
    alone = np.concatenate([evaluated(file, (row,)) for row in ROWS])
    np.testing.assert_allclose(evaluated(file), alone, atol=1e-5)


def test_pooling_is_read_from_the_file(weights: Weights) -> None:
    assert stored_pooling(weights) is Pooling.MEAN


def test_a_file_without_pooling_has_none(tmp_path: Path) -> None:
    file = files.write_bert(tmp_path / "m.gguf", gguf.PoolingType.NONE)
    weights = Weights("tiny", file)
    assert stored_pooling(weights) is Pooling.NONE
    weights.close()


def test_an_unknown_pooling_is_no_model_to_run(tmp_path: Path) -> None:
    file = tmp_path / "odd.gguf"
    files.write_bert(file, gguf.PoolingType.MEAN)
    key = b"bert.pooling_type" + gguf.GGUFValueType.UINT32.to_bytes(4, "little")
    file.write_bytes(file.read_bytes().replace(key + b"\x01", key + b"\x63"))
    weights = Weights("odd", file)
    with pytest.raises(ModelFailed, match="its pooling '99' is unknown"):
        stored_pooling(weights)
    weights.close()


def test_closing_twice_is_no_error(weights: Weights) -> None:
    pooled = Pooled(weights, Pooling.MEAN, Size(64, 8, 1))
    pooled.close()
    pooled.close()
