import numpy as np

from trinax.evaluation.peers import NaiveIndex

TEXTS = ["owls hunt mice", "swifts sleep in the air", "storks build nests", "rye bread"]


def test_the_naive_index_ranks_by_words() -> None:
    index = NaiveIndex(TEXTS, [np.zeros(2, np.float32)] * 4)
    assert index.search("where do swifts sleep", np.zeros(2, np.float32), 1) == [1]


def test_the_naive_index_ranks_by_vectors() -> None:
    vectors = [np.array(v, np.float32) for v in ([0, 1], [1, 0], [0.6, 0.8], [0, -1])]
    index = NaiveIndex(TEXTS, vectors)
    assert index.search("zzz", np.array([0, 1], np.float32), 2) == [0, 2]
