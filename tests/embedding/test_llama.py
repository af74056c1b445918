import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import gguf
import numpy as np
import pytest

from tests import encoder_files as files
from tests.contracts.embedder import EmbedderContract
from tests.embedding import tiny_bert
from tests.gguf_files import TOKENS
from trinax.embedding.llama import LlamaEmbedder
from trinax.errors import InvalidRequest, ModelFailed

# llama.cpp keeps keys and values in half precision, and looks GELU up in a table of it.
CLOSE = 2e-3

Open = Callable[[Path], LlamaEmbedder]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert.write(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
def open_() -> Iterator[Open]:
    embedders: list[LlamaEmbedder] = []

    def opened(file: Path) -> LlamaEmbedder:
        embedders.append(LlamaEmbedder("tiny", file, threads=1))
        return embedders[-1]

    yield opened
    for embedder in embedders:
        embedder.close()


@pytest.fixture
def embedder(open_: Open, file: Path) -> LlamaEmbedder:
    return open_(file)


class TestLlamaEmbedder(EmbedderContract):
    pass


def test_vector_is_the_mean_of_the_words(embedder: LlamaEmbedder) -> None:
    vector = embedder.passages(["dog dog sleeps"])[0]
    by_hand = np.zeros(tiny_bert.WIDTH)
    by_hand[[0, 1]] = 2, 1
    by_hand -= by_hand.mean()
    np.testing.assert_allclose(vector, by_hand / np.linalg.norm(by_hand), atol=1e-3)


def test_limit_leaves_room_for_the_models_own_marks(embedder: LlamaEmbedder) -> None:
    assert embedder.limit_tokens == tiny_bert.CONTEXT_TOKENS - 2


def test_question_at_the_limit_is_embedded(embedder: LlamaEmbedder) -> None:
    assert embedder.queries(["dog " * (tiny_bert.CONTEXT_TOKENS - 2)]).any()


def test_question_over_the_limit_is_refused_with_the_limit(embedder: LlamaEmbedder) -> None:
    with pytest.raises(InvalidRequest, match=f"takes {tiny_bert.CONTEXT_TOKENS}"):
        embedder.queries(["dog " * tiny_bert.CONTEXT_TOKENS])


def test_passage_over_the_limit_is_cut_with_a_warning(
    embedder: LlamaEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    inside = "dog " * (tiny_bert.CONTEXT_TOKENS - 2)
    with caplog.at_level(logging.WARNING, "trinax.embedding.llama"):
        cut, whole = embedder.passages([inside + "heart " * 5, inside])
    np.testing.assert_allclose(cut, whole, atol=1e-6)
    assert "the last 5 of a passage are not in its vector" in caplog.text


def test_fingerprint_tells_files_apart(file: Path, tmp_path: Path) -> None:
    other = tiny_bert.write(tmp_path / "other.gguf", gguf.PoolingType.CLS)
    prints = set()
    for path in (file, file, other):
        embedder = LlamaEmbedder("tiny", path, threads=1)
        prints.add(embedder.fingerprint)
        embedder.close()
    assert len(prints) == 2


def test_fingerprint_stays_for_indexes_that_people_have(embedder: LlamaEmbedder) -> None:
    assert embedder.fingerprint.endswith("-0af62b94")  # as the first release made it


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and nothing more")
    with pytest.raises(ModelFailed, match="Model 'broken' failed"):
        LlamaEmbedder("broken", broken)


def test_a_reranker_is_refused(tmp_path: Path) -> None:
    ranker = tiny_bert.write(tmp_path / "ranker.gguf", gguf.PoolingType.RANK)
    with pytest.raises(ModelFailed, match="ranks pairs"):
        LlamaEmbedder("ranker", ranker, threads=1)


def test_a_closed_embedder_says_so(file: Path) -> None:
    embedder = LlamaEmbedder("tiny", file, threads=1)
    embedder.close()
    embedder.close()
    with pytest.raises(ModelFailed, match="closed"):
        embedder.passages(["dog"])


def test_a_vector_is_what_the_papers_formulas_give(open_: Open, tmp_path: Path) -> None:
    embedder = open_(files.write_bert(tmp_path / "bert.gguf", gguf.PoolingType.CLS))
    row = [files.START, *files.ids("the lamp is lit"), files.END]
    first = files.bert(row, files.bert_tensors(0))[0]
    vector = embedder.passages(["The lamp is lit"])[0]
    np.testing.assert_allclose(vector, first / np.linalg.norm(first), atol=CLOSE)


def test_a_causal_model_gives_its_last_state(open_: Open, tmp_path: Path) -> None:
    embedder = open_(files.write_qwen3(tmp_path / "qwen.gguf", gguf.PoolingType.LAST))
    row = [TOKENS.index(token) for token in ("<s>", "▁", "<0x6F>", "<0x6E>")]
    last = files.qwen3(row, files.qwen3_tensors(0))[-1]
    vector = embedder.queries(["on"])[0]
    np.testing.assert_allclose(vector, last / np.linalg.norm(last), atol=CLOSE)


def test_a_model_without_pooling_gives_the_mean(open_: Open, tmp_path: Path) -> None:
    embedder = open_(files.write_bert(tmp_path / "none.gguf", gguf.PoolingType.NONE))
    row = [files.START, *files.ids("lamp"), files.END]
    mean = files.bert(row, files.bert_tensors(0)).mean(axis=0)
    vector = embedder.passages(["lamp"])[0]
    np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=CLOSE)


def test_a_known_models_prefixes_are_read_with_the_text(open_: Open, tmp_path: Path) -> None:
    pooling = gguf.PoolingType.MEAN
    known = open_(files.write_bert(tmp_path / "e5.gguf", pooling, name="e5-tiny"))
    plain = open_(files.write_bert(tmp_path / "plain.gguf", pooling))
    np.testing.assert_array_equal(known.queries(["lamp"]), plain.passages(["query: lamp"]))
    np.testing.assert_array_equal(known.passages(["lamp"]), plain.passages(["passage: lamp"]))
    read = known.read(files.ids("lamp"))
    assert read.tokens == plain.read("passage: lamp").tokens


def test_what_is_left_out_is_counted(embedder: LlamaEmbedder) -> None:
    limit = tiny_bert.CONTEXT_TOKENS
    assert embedder.read("dog " * (limit - 2)).left_out == 0
    reading = embedder.read("dog " * (limit + 3))
    assert (reading.count, reading.left_out) == (limit, 5)
    assert reading.tokens[-1] == tiny_bert.END


def test_ids_get_the_marks_they_lack(embedder: LlamaEmbedder) -> None:
    whole = embedder.read("dog sleeps").tokens
    assert [embedder.read(ids).tokens for ids in (whole, whole[1:-1], whole[1:])] == [whole] * 3
    assert embedder.read(whole[:1]).tokens == embedder.read("").tokens


@pytest.mark.parametrize("token", [-1, 10_000, 2**40])
def test_an_id_that_is_no_token_is_refused(embedder: LlamaEmbedder, token: int) -> None:
    with pytest.raises(InvalidRequest, match=f"{token} is no token of 'tiny'"):
        embedder.read([5, token])
