import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gguf
import numpy as np
import pytest

from tests import encoder_files as files
from trinax.errors import ModelFailed
from trinax.llama.cores import physical_cores
from trinax.llama.encoder import BATCH_TEXTS, BATCH_TOKENS, Encoder
from trinax.llama.pooled import Pooling
from trinax.llama.weights import Weights

ROW = [2, 5, 6, 7, 3]


@pytest.fixture
def encoder(tmp_path: Path) -> Iterator[Encoder]:
    file = files.write_bert(tmp_path / "tiny.gguf", gguf.PoolingType.MEAN)
    encoder = Encoder(Weights("tiny", file), Pooling.MEAN, threads=1)
    yield encoder
    encoder.close()


def test_rows_of_all_lengths_keep_their_places(encoder: Encoder) -> None:
    rows = [[2, *[5 + place % 12] * (place % 40), 3] for place in range(300)]
    assert sum(map(len, rows)) > 2 * BATCH_TOKENS
    tensors = files.bert_tensors(0)
    expected = [files.bert(row, tensors).mean(axis=0) for row in rows]
    np.testing.assert_allclose(encoder.vectors(rows), expected, atol=1e-2)


def test_more_short_rows_than_a_batch_takes(encoder: Encoder) -> None:
    vectors = encoder.vectors([[5]] * (2 * BATCH_TEXTS + 1))
    np.testing.assert_allclose(vectors, vectors[:1].repeat(len(vectors), axis=0), atol=1e-6)


def test_an_empty_row_is_zero(encoder: Encoder) -> None:
    nothing, something = encoder.vectors([[], ROW])
    assert not nothing.any()
    assert something.any()


def test_the_limit_is_what_the_model_was_trained_for(encoder: Encoder) -> None:
    assert encoder.limit_tokens == files.CONTEXT_TOKENS
    assert encoder.vectors([[5] * files.CONTEXT_TOKENS]).any()


def test_questions_get_in_between_two_batches(encoder: Encoder) -> None:
    order: list[str] = []
    begun = threading.Event()

    def passages() -> None:
        begun.set()
        encoder.vectors([[5] * 40] * 4_000)
        order.append("passages")

    with ThreadPoolExecutor(1) as threads:
        ingesting = threads.submit(passages)
        assert begun.wait(10)
        for _ in range(100):
            encoder.vectors([ROW])
        order.append("questions")
        ingesting.result()
    assert order == ["questions", "passages"]


def test_closing_waits_for_the_batch_and_ends_the_rest(encoder: Encoder) -> None:
    begun = threading.Event()

    def passages() -> None:
        begun.set()
        encoder.vectors([[5] * 40] * 20_000)

    with ThreadPoolExecutor(1) as threads:
        ingesting = threads.submit(passages)
        assert begun.wait(10)
        encoder.close()
        with pytest.raises(ModelFailed, match="it was closed"):
            ingesting.result()


def test_a_closed_one_cannot_be_read(encoder: Encoder) -> None:
    encoder.close()
    encoder.close()
    with pytest.raises(ModelFailed, match="it was closed"), encoder.reading():
        pass


def test_there_is_a_core_to_compute_on() -> None:
    assert physical_cores() >= 1
