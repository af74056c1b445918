import pytest

from trinax.embedding.static import StaticEmbedder
from trinax.evaluation.storing import bench, corpus, timing


def test_a_chunk_is_the_same_for_the_same_number_and_another_for_others() -> None:
    embedder = StaticEmbedder()
    one, two, other = (
        [entry.passage for files in made for entries in files.values() for entry in entries]
        for made in (
            corpus.batches(80, embedder),
            corpus.batches(80, embedder),
            corpus.batches(80, embedder, first=2),
        )
    )
    assert len(one) == 80
    assert one == two
    assert {passage.chunk.id for passage in one}.isdisjoint(each.chunk.id for each in other)
    assert len({passage.chunk.text for passage in (*one, *other)}) == 160


def test_a_small_store_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "WRITTEN_S", 1.0)
    notes: list[str] = []
    figures = bench.measured(1000, notes.append)
    assert figures["chunks"] == 1000
    assert figures["recall"] > 0.99
    assert figures["beside_ms"]["seconds"] >= 1.0
    assert figures["naive"]["search_ms"]["searches"] == bench.NAIVE_QUESTIONS
    for key in ("loose_ms", "compacting_ms", "compact_ms", "beside_ms"):
        assert 0 < figures[key]["p50"] <= figures[key]["p99"] <= figures[key]["max"] + 0.1
    assert notes[0] == "writing 1000 chunks"
    shown = bench.shown(figures)
    assert "| 1000 chunks" in shown
    assert "naive pair" in shown


def test_percentiles_are_of_all_that_was_asked() -> None:
    found = timing.figures([ms / 1000 for ms in range(1, 101)])
    assert (found["p50"], found["max"], found["searches"]) == (50.5, 100.0, 100)
