import logging
from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np
import pytest

from tests.contracts.embedder import EmbedderContract
from tests.embedding import tiny_bert
from trinax.embedding.llama import LlamaEmbedder
from trinax.errors import InvalidRequest, ModelFailed


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert.write(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
def embedder(file: Path) -> Iterator[LlamaEmbedder]:
    embedder = LlamaEmbedder("tiny", file, threads=1)
    yield embedder
    embedder.close()


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


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and nothing more")
    with pytest.raises(ModelFailed, match=r"cannot load broken\.gguf"):
        LlamaEmbedder("broken", broken)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFailed, match=r"cannot load gone\.gguf"):
        LlamaEmbedder("gone", tmp_path / "gone.gguf")


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


def test_nothing_is_written_to_the_terminal(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    LlamaEmbedder("tiny", file, threads=1).close()
    assert capfd.readouterr() == ("", "")
