from pathlib import Path

from trinax.evaluation import builtin
from trinax.evaluation.embedding_speed import measured, shown


def copied(folder: Path) -> list[Path]:
    path = folder / "birds.py"
    path.write_text('"""Where the swallows spend their winter."""\n\ndef fly():\n    return 1\n')
    return [path]


def test_chunks_and_questions_are_timed() -> None:
    speed = measured(lambda: builtin.parts().embedder, copied)
    assert speed.chunks >= 1
    assert speed.chunks_per_s > 0
    assert 0 < speed.query_p50_ms <= speed.query_p95_ms
    assert "| one question p50, ms" in shown(speed)
