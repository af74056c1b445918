import time
from typing import Any

from trinax.evaluation.storing import endurance
from trinax.evaluation.storing.endurance import Plan, Watch

SMALL = Plan(chunks=400, searchers=4, seconds=2.0, pause_s=0.1, eager_s=0.3, warm_up_s=0.2)


def _figures(**more: Any) -> dict[str, Any]:
    return {"errors": [], "stall_ms": {"max": 80.0}, **more}


def test_a_small_store_endures() -> None:
    notes: list[str] = []
    figures = endurance.measured(SMALL, notes.append)
    assert figures["errors"] == []
    assert figures["chunks"] == 400
    assert figures["rewritten"] >= 40
    assert figures["wait_ms"]["searches"] > 10
    assert figures["eager"]["per_s"] > 1
    assert notes[0] == "writing 400 chunks"
    assert {"writing", "compaction"} & {
        name for one in figures["longest"] for name in one["beside"]
    }
    assert "4 who pause, and a writer" in endurance.shown(figures)


def test_a_wait_behind_others_is_no_stall() -> None:
    watch = Watch()
    with watch.searching():
        time.sleep(0.05)
        with watch.searching():
            time.sleep(0.05)
        # The inner one was answered a moment ago.
    inner, outer = watch.stalls
    assert inner[1] - inner[0] >= 0.1
    assert outer[1] - outer[0] < 0.05
    assert watch.waiting == []


def test_errors_stalls_and_growth_fail() -> None:
    steady = {"before_mb": 100.0, "most_mb": 300.0, "after_mb": 109.0}
    assert endurance.passed(_figures())
    assert endurance.passed(_figures(memory=steady))
    assert not endurance.passed(_figures(memory={**steady, "after_mb": 120.0}))
    assert not endurance.passed(_figures(errors=["StoreFailed: …"]))
    assert not endurance.passed({**_figures(), "stall_ms": {"max": 101.0}})
