import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.embedding import tiny_bert
from trinax.embedding.llama import LlamaEmbedder
from trinax.embedding.ports import Embedder
from trinax.errors import Busy, ModelFailed
from trinax.models.catalogue.catalogue import Catalogue, Installed
from trinax.models.ondemand import EmbedderOnDemand, RankerOnDemand
from trinax.models.ports import Ranking
from trinax.models.room import Resident


class Lengths:
    """A ranker that likes long texts. gate: what every score waits for."""

    id = "lengths"

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.closed = False

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        self.gate.wait()
        assert not self.closed
        return [1 - 1 / (1 + len(text)) for text in texts]

    def ranking(self, query: str, texts: Sequence[str]) -> Ranking:
        raise NotImplementedError

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def model(tmp_path: Path) -> Installed:
    tiny_bert.write(tmp_path / "bert.gguf")
    return Catalogue(tmp_path).installed("bert")


@pytest.fixture
def part() -> Lengths:
    return Lengths()


@pytest.fixture
def ranker(model: Installed, part: Lengths) -> RankerOnDemand:
    return RankerOnDemand(model, lambda model: part, lambda resident: None)


def opened(model: Installed) -> Embedder:
    return LlamaEmbedder(model.info.id, model.path, threads=1)


def test_it_is_opened_by_its_first_use(model: Installed) -> None:
    embedder = EmbedderOnDemand(model, opened, lambda resident: None)
    assert (embedder.id, embedder.loaded) == ("bert", False)
    vectors = embedder.queries(["dog", "puppy"])
    assert embedder.loaded
    assert vectors[0] @ vectors[1] == pytest.approx(1)
    embedder.close()
    assert not embedder.loaded


def test_it_says_of_itself_what_the_opened_one_does(model: Installed) -> None:
    embedder = EmbedderOnDemand(model, opened, lambda resident: None)
    itself = opened(model)
    assert embedder.width == itself.width == tiny_bert.WIDTH
    assert embedder.fingerprint == itself.fingerprint
    assert embedder.limit_tokens == itself.limit_tokens
    assert (embedder.vectors([embedder.read("dog")]) == itself.passages(["dog"])).all()
    itself.close()
    embedder.close()


def test_after_unloading_the_next_use_opens_it_again(model: Installed) -> None:
    embedder = EmbedderOnDemand(model, opened, lambda resident: None)
    before = embedder.passages(["dog"])
    assert embedder.unload()
    assert not embedder.loaded
    assert (embedder.passages(["dog"]) == before).all()
    embedder.close()


def test_each_use_asks_for_room(model: Installed, part: Lengths) -> None:
    asked: list[str] = []

    def enter(resident: Resident) -> None:
        asked.append(resident.info.id)

    ranker = RankerOnDemand(model, lambda model: part, enter)
    ranker.scores("q", ["a"])
    ranker.scores("q", ["a"])
    assert asked == ["bert", "bert"]


def test_without_room_it_is_not_opened(model: Installed, part: Lengths) -> None:
    def enter(resident: Resident) -> None:
        raise Busy("memory", 1)

    ranker = RankerOnDemand(model, lambda model: part, enter)
    with pytest.raises(Busy):
        ranker.scores("q", ["a"])
    assert not ranker.loaded


def test_what_cannot_be_opened_can_be_tried_again(model: Installed, part: Lengths) -> None:
    attempts: list[int] = []

    def opener(model: Installed) -> Lengths:
        attempts.append(1)
        if len(attempts) == 1:
            raise ModelFailed(model.info.id, "no")
        return part

    ranker = RankerOnDemand(model, opener, lambda resident: None)
    with pytest.raises(ModelFailed):
        ranker.scores("q", ["a"])
    assert (ranker.loaded, ranker.load().running) == (False, 0)
    assert ranker.scores("q", ["a"]) == [0.5]


def test_at_work_it_is_neither_unloaded_nor_closed(ranker: RankerOnDemand, part: Lengths) -> None:
    ranker.scores("q", ["a"])
    part.gate.clear()
    working = threading.Thread(target=ranker.scores, args=("q", ["a"]))
    working.start()
    while not ranker.load().running:
        assert working.is_alive()
    assert not ranker.unload()
    closing = threading.Thread(target=ranker.close)
    closing.start()
    assert not part.closed
    part.gate.set()
    working.join()
    closing.join()
    assert part.closed


def test_a_closed_one_says_so(ranker: RankerOnDemand) -> None:
    ranker.close()
    ranker.close()
    with pytest.raises(ModelFailed):
        ranker.scores("q", ["a"])


def test_it_takes_its_weights_and_a_cache(ranker: RankerOnDemand, model: Installed) -> None:
    # 64 tokens of a layer of 32 keys and 32 values are less than what is counted at least.
    assert ranker.memory_bytes == model.info.size_bytes + 64 * 1024
