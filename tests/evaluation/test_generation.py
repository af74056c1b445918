from pathlib import Path
from typing import Any

import pytest

from trinax.evaluation.generation import Bench, measured, shown
from trinax.evaluation.random_model import TINY
from trinax.evaluation.scenarios import Sizes, scenarios

SIZES = Sizes(
    streams=3,
    prompt=5,
    answer=6,
    sources=20,
    question=4,
    short_answer=3,
    prefix=40,
    long_prompt=700,
    beside=2,
    choices=2,
    repeats=1,
)


def figures(*rows: dict[str, Any], failures: tuple[dict[str, str], ...] = ()) -> dict[str, Any]:
    return {
        "model": {"file": "random.gguf", "size_bytes": 5_000_000},
        "threads": 2,
        "repetitions": 3,
        "rows": rows,
        "failures": failures,
    }


def row(label: str, higher: bool, **medians: float) -> dict[str, Any]:
    engines = {name.replace("_", "-"): {"median": value} for name, value in medians.items()}
    if "llama-unified" in engines:
        engines["llama-server --kv-unified"] = engines.pop("llama-unified")
    return {"label": label, "higher_is_better": higher, "engines": engines}


def cells(text: str, label: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {label} "))
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


@pytest.mark.slow
def test_each_figure_of_a_real_server_is_measured(tmp_path: Path) -> None:
    notes: list[str] = []
    bench = Bench(tmp_path, repetitions=1, threads=1, shape=TINY, sizes=SIZES)
    found = measured(bench, notes.append)
    assert found["failures"] == []
    assert all(found["engines"]["trinax"]["median"] > 0 for found in found["rows"])
    first = found["rows"][0]["engines"]
    assert {*first} == {"trinax", "raw llama_decode"}
    assert len(notes) == len(scenarios(SIZES))
    assert "3 streams × 6 tokens, tokens/s in all" in shown(found)


def test_a_peer_is_shown_with_how_many_times_better_trinax_is() -> None:
    text = shown(
        figures(row("speed", True, trinax=30, other=20), row("wait", False, trinax=2, other=3))
    )
    assert cells(text, "speed") == ["30", "20 (1.50 ×)"]
    assert cells(text, "wait") == ["2", "3 (1.50 ×)"]


def test_the_better_llama_server_is_shown() -> None:
    medians = {"trinax": 30.0, "llama_server": 20.0, "llama_unified": 25.0}
    text = shown(figures(row("speed", True, **medians), row("wait", False, **medians)))
    assert "unified" not in text
    assert cells(text, "speed") == ["30", "25 (1.20 ×)"]
    assert cells(text, "wait") == ["30", "20 (0.67 ×)"]


def test_what_could_not_be_measured_is_said() -> None:
    failure = {"engine": "trinax", "label": "speed", "reason": "it took too long"}
    text = shown(figures(row("speed", True, other=20), failures=(failure,)))
    assert cells(text, "speed") == ["", "20"]
    assert text.endswith("Not measured: trinax, speed: it took too long")
