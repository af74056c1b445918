from pathlib import Path

import numpy as np
import pytest

from tests.contracts.embedder import EmbedderContract
from trinax.documents.tokens import encoding
from trinax.embedding import table
from trinax.embedding.ports import Vectors
from trinax.embedding.static import EVENING, StaticEmbedder, canonical, words
from trinax.errors import InvalidRequest, ModelFailed

LANGUAGES = {
    "es": "¿Cómo puedo leer un archivo de texto?",
    "fr": "Comment lire un fichier texte ?",
    "de": "Wie kann ich eine Textdatei lesen?",
    "pt": "Como posso ler um arquivo de texto?",
    "it": "Come posso leggere un file di testo?",
    "ru": "Как прочитать текстовый файл?",
    "zh": "如何读取文本文件？",
    "ja": "テキストファイルを読み込む方法",
}


@pytest.fixture(scope="module")
def embedder() -> StaticEmbedder:
    return StaticEmbedder()


@pytest.fixture(scope="module")
def random_vectors() -> Vectors:
    return np.random.default_rng(0).standard_normal((encoding().n_vocab, 8), np.float32)


@pytest.fixture
def file(random_vectors: Vectors, tmp_path: Path) -> Path:
    file = tmp_path / "random.npz"
    table.write(random_vectors, file)
    return file


class TestStaticEmbedder(EmbedderContract):
    pass


@pytest.mark.parametrize("language", LANGUAGES)
def test_question_in_another_language_is_nearest_its_translation(
    embedder: StaticEmbedder, language: str
) -> None:
    passages = embedder.passages(
        [
            "How do I read a text file?",
            "The heart pumps blood through the body.",
            "How do I install the package?",
            "The parliament passed a law about taxes.",
        ]
    )
    assert np.argmax(passages @ embedder.queries([LANGUAGES[language]])[0]) == 0


def test_code_is_found_by_what_it_does(embedder: StaticEmbedder) -> None:
    passages = embedder.passages(
        [
            "def read_lines(path):\n    with open(path) as file:\n        return file.readlines()",
            "def area(radius):\n    return math.pi * radius ** 2",
            "class Queue:\n    def put(self, item):\n        self.items.append(item)",
        ]
    )
    assert np.argmax(passages @ embedder.queries(["read the lines of a file"])[0]) == 0


def evened(rows: Vectors) -> Vectors:
    """By a loop, as docs/decisions/0004 has it: less of what points where the sum does."""
    total = rows.sum(axis=0)
    summed = np.zeros_like(total)
    for row in rows:
        cosine = row @ total / np.linalg.norm(row) / np.linalg.norm(total)
        summed += (1 - EVENING * cosine) * row
    unit: Vectors = summed / np.linalg.norm(summed)
    return unit


def test_vector_is_the_evened_sum_of_the_rows_of_the_table(
    file: Path, random_vectors: Vectors
) -> None:
    # " dog" stands three times and counts twice: once, and once more at the second.
    (dog,), (cat,) = encoding().encode_ordinary(" dog"), encoding().encode_ordinary(" cat")
    vector = StaticEmbedder(file).passages(["Dog, (cat) dog_dog!"])[0]
    np.testing.assert_allclose(vector, evened(random_vectors[[dog, dog, cat]]), atol=0.02)


def test_a_text_of_many_blocks_is_one_sum(file: Path, random_vectors: Vectors) -> None:
    text = " ".join(f"{number}" for number in range(3000))
    rows = [encoding().encode_ordinary(f" {number}") for number in range(3000)]
    vector = StaticEmbedder(file).passages([text])[0]
    assert vector @ evened(random_vectors[np.concatenate(rows)]) > 0.999


def test_a_vector_is_the_same_whatever_else_is_embedded(embedder: StaticEmbedder) -> None:
    texts = ["a dog", "", "word " * 5000, "the quick brown fox jumps over the lazy dog"]
    alone = [embedder.passages([text])[0] for text in texts]
    np.testing.assert_array_equal(embedder.passages(texts), alone)


def test_punctuation_separates_words() -> None:
    assert canonical("os.path.join(A, “b”)。Ｃ") == "os path join a   b   c"


def test_words_are_counted_in_order() -> None:
    counted = words("To be, or not to BE")
    assert list(counted.items()) == [("to", 2), ("be", 2), ("or", 1), ("not", 1)]


def test_fingerprint_is_the_models(file: Path) -> None:
    assert StaticEmbedder(file).fingerprint == StaticEmbedder(file).fingerprint
    assert StaticEmbedder(file).fingerprint != StaticEmbedder().fingerprint


def test_shipped_model_fits_the_package(embedder: StaticEmbedder) -> None:
    import trinax.embedding

    shipped = Path(trinax.embedding.__file__).with_name("static.npz")
    assert shipped.stat().st_size <= 16_000_000
    assert embedder.width == 480


@pytest.mark.parametrize("content", [b"", b"no table", b"PK\x03\x04 broken"])
def test_a_broken_table_is_refused(tmp_path: Path, content: bytes) -> None:
    broken = tmp_path / "broken.npz"
    broken.write_bytes(content)
    with pytest.raises(ModelFailed, match="its file holds"):
        StaticEmbedder(broken)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFailed, match=r"gone\.npz cannot be read"):
        StaticEmbedder(tmp_path / "gone.npz")


def test_a_table_for_other_ranks_is_refused(tmp_path: Path) -> None:
    short = tmp_path / "short.npz"
    table.write(np.ones((10, 4), np.float32), short)
    with pytest.raises(ModelFailed, match="other ranks"):
        StaticEmbedder(short)


def test_ids_of_tokens_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="takes no token ids"):
        StaticEmbedder().read([1, 2])
