import json
import sys
from pathlib import Path

import numpy as np
import pytest

from trinax.embedding.static import StaticEmbedder
from trinax.evaluation.serving import ServerFailed
from trinax.evaluation.storing import bench, beside, corpus, exact, material, timing


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
    assert [passage.chunk.id for passage in one] == [*map(corpus.chunk_id, range(80))]


def test_a_rewritten_file_has_other_chunks() -> None:
    embedder = StaticEmbedder()
    (before,) = corpus.batches(40, embedder)
    after = corpus.rewritten(0, 1, embedder)
    assert [*before] == [*after]
    old, new = (
        {one.passage.chunk.id for one in files[corpus.file_name(0)]} for files in (before, after)
    )
    assert len(new) == 40
    assert old.isdisjoint(new)


def test_a_small_store_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "WRITTEN_S", 1.0)
    monkeypatch.setattr(bench, "FLUSH_CHUNKS", 600)
    notes: list[str] = []
    figures = bench.measured(1000, notes.append)
    assert figures["chunks"] == 1000
    assert figures["recall"] > 0.99
    assert figures["beside"]["seconds"] >= 1.0
    for state in ("loose", "compacting", "compact", "beside"):
        for key in ("search_ms", "query_ms"):
            found = figures[state][key]
            assert 0 < found["p50"] <= found["p99"] <= found["max"] + 0.1
    assert figures["compact"]["query_ms"]["p50"] < figures["compact"]["search_ms"]["p50"]
    assert figures["compact"]["search_ms"]["cpu_ms"] > 0
    assert notes[0] == "writing 1000 chunks"
    naive = figures["peers"][0]
    assert naive["search_ms"]["searches"] == bench.QUESTIONS
    assert naive["recall"] == 1.0
    shown = bench.shown(figures)
    assert "| 1000 chunks" in shown
    assert beside.NAIVE.name in shown
    for one in figures["peers"][1:]:
        assert one["name"] in shown
        assert "missing" in one or one["recall"] > 0.5


def test_a_store_that_is_not_installed_is_said(tmp_path: Path) -> None:
    material.add(tmp_path, ["owls"], np.eye(1, 4, dtype=np.float32))
    material.put(tmp_path, material.Questions(["owls"], np.eye(1, 4, dtype=np.float32), [[0]]))
    known = beside.Known("Nowhere", "nowhere")
    figures = beside.run(known, sys.executable, tmp_path, tmp_path / "place", again=False)
    assert figures == {"missing": "trinax.evaluation.storing.peers.nowhere"}
    ours = {"name": "trinax", "search_ms": {"p50": 1.0, "p95": 1.0, "p99": 1.0, "cpu_ms": 1.0}}
    shown = beside.shown([{**ours, "built_s": 1.0}], [{"name": "Nowhere", "missing": "nowhere"}])
    assert shown.endswith("Nowhere: nowhere is not installed.")


def test_a_store_that_gives_up_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match=r"questions\.json"):
        beside.run(beside.NAIVE, sys.executable, tmp_path, tmp_path / "place", again=False)


def test_material_comes_back_as_it_was_put(tmp_path: Path) -> None:
    vectors = np.arange(28, dtype=np.float32).reshape(7, 4)
    texts = [f"line\n{at}\u2028" for at in range(7)]
    material.add(tmp_path, texts[:3], vectors[:3])
    material.add(tmp_path, texts[3:], vectors[3:])
    material.put(tmp_path, material.Questions(["what?"], vectors[:1], [[6, 1]]))
    batches = [*material.batches(tmp_path, 5)]
    assert [batch.first for batch in batches] == [0, 5]
    assert [text for batch in batches for text in batch.texts] == texts
    assert np.array_equal(np.vstack([batch.vectors for batch in batches]), vectors)
    asked = material.questions(tmp_path)
    assert (asked.texts, asked.nearest) == (["what?"], [[6, 1]])
    assert np.array_equal(asked.vectors, vectors[:1])


def test_the_nearest_are_those_of_all_batches() -> None:
    rng = np.random.default_rng(3)
    chunks = rng.normal(size=(100, 8)).astype(np.float32)
    questions = rng.normal(size=(5, 8)).astype(np.float32)
    seen = exact.Nearest(questions)
    for start in range(0, 100, 30):
        seen.see(chunks[start : start + 30])
    whole = np.argsort(-(questions @ chunks.T), axis=1)[:, : exact.NEIGHBOURS]
    assert seen.positions() == whole.tolist()


def test_recall_is_the_mean_share_of_what_was_found() -> None:
    assert exact.recall([[1, 2], [3, 9]], [[2, 1], [3, 4]]) == 0.75


def test_percentiles_are_of_all_that_was_asked() -> None:
    found = timing.figures([ms / 1000 for ms in range(1, 101)])
    assert (found["p50"], found["max"], found["searches"]) == (50.5, 100.0, 100)


def test_a_slow_store_is_not_asked_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "LIMIT_S", 0.0)
    assert timing.searched(len, ["one", "two", "three"])["searches"] == 1


def test_figures_are_plain_json() -> None:
    json.dumps(timing.searched(len, ["one", "two"]))
