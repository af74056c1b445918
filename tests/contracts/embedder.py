"""What every embedder does."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from trinax.embedding.ports import Embedder

TEXTS = (
    "The dog sleeps in the garden.",
    "A puppy is asleep on the lawn.",
    "The bank raised its interest rates.",
    "",
)
# The cached embedder keeps half precision.
CLOSE = 2e-3


class EmbedderContract:
    """A subclass supplies the fixture `embedder`."""

    def test_one_row_of_norm_one_a_text(self, embedder: Embedder) -> None:
        vectors = embedder.passages(TEXTS[:3])
        assert vectors.shape == (3, embedder.width)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_no_text_gives_no_row(self, embedder: Embedder) -> None:
        assert embedder.passages([]).shape == (0, embedder.width)
        assert embedder.queries([]).shape == (0, embedder.width)

    @pytest.mark.parametrize("text", ["", " \n\t"])
    def test_a_text_without_a_token_is_zero(self, embedder: Embedder, text: str) -> None:
        assert not embedder.passages([text]).any()
        assert not embedder.queries([text]).any()

    def test_a_vector_does_not_depend_on_the_texts_beside_it(self, embedder: Embedder) -> None:
        together = embedder.passages(TEXTS)
        for text, vector in zip(TEXTS, together, strict=True):
            np.testing.assert_allclose(embedder.passages([text])[0], vector, atol=CLOSE)

    def test_the_same_text_twice_has_one_vector(self, embedder: Embedder) -> None:
        first, again = embedder.passages([TEXTS[0], TEXTS[0]])
        np.testing.assert_array_equal(first, again)

    def test_more_texts_than_fit_a_batch_keep_their_order(self, embedder: Embedder) -> None:
        vectors = embedder.passages(TEXTS * 100)
        np.testing.assert_allclose(vectors, np.tile(vectors[:4], (100, 1)), atol=CLOSE)

    def test_a_paraphrase_is_nearer_than_an_unrelated_text(self, embedder: Embedder) -> None:
        text, paraphrase, unrelated = embedder.passages(TEXTS[:3])
        assert text @ paraphrase > text @ unrelated + 0.1

    def test_a_question_is_nearest_its_answer(self, embedder: Embedder) -> None:
        question = embedder.queries(["Where does the dog sleep?"])[0]
        assert np.argmax(embedder.passages(TEXTS[:3]) @ question) == 0

    def test_a_spanish_question_is_nearer_its_translation(self, embedder: Embedder) -> None:
        question = embedder.queries(["¿Cómo elimino un archivo de la base de datos?"])[0]
        translation, unrelated = embedder.passages(
            ["How do I delete a file from the database?", "How does the heart pump blood?"]
        )
        assert question @ translation > question @ unrelated + 0.1

    def test_case_does_not_matter(self, embedder: Embedder) -> None:
        lower, upper = embedder.passages([TEXTS[0].lower(), TEXTS[0].upper()])
        assert lower @ upper > 0.999

    @pytest.mark.parametrize("text", ["\x00", "\ud800 dog", "\N{ZERO WIDTH JOINER}" * 50, "🂡🏴‍☠️"])
    def test_odd_characters_are_no_error(self, embedder: Embedder, text: str) -> None:
        assert np.isfinite(embedder.passages([text])).all()

    def test_a_very_long_passage_is_no_error(self, embedder: Embedder) -> None:
        long = embedder.passages(["The dog sleeps. " * 20_000])[0]
        assert long @ embedder.passages(["The dog sleeps."])[0] > 0.9

    def test_what_was_read_embeds_as_its_text(self, embedder: Embedder) -> None:
        readings = [embedder.read(text) for text in TEXTS]
        np.testing.assert_allclose(embedder.vectors(readings), embedder.passages(TEXTS), atol=CLOSE)
        assert [reading.count > 0 for reading in readings] == [True, True, True, False]

    def test_many_threads_get_the_same_vectors(self, embedder: Embedder) -> None:
        expected = embedder.passages(TEXTS)
        with ThreadPoolExecutor(4) as threads:
            for vectors in threads.map(lambda _: embedder.passages(TEXTS), range(16)):
                np.testing.assert_allclose(vectors, expected, atol=CLOSE)

    def test_it_says_what_it_is(self, embedder: Embedder) -> None:
        assert embedder.id
        assert embedder.fingerprint
        assert embedder.limit_tokens is None or embedder.limit_tokens > 0
