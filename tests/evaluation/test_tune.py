from pathlib import Path

import pytest

from trinax.evaluation.datasets import load
from trinax.evaluation.runner import Parts
from trinax.evaluation.tune import figures, held_out, report, ways


def test_every_way_of_fusing_gets_a_figure(birds: Path, parts: Parts) -> None:
    found = figures(load(birds), parts)
    assert list(found) == list(ways())
    assert found["bm25"] == pytest.approx(1.0)


def test_the_held_out_weight_is_chosen_on_the_others() -> None:
    weights = {"0.25": 0.0, "0.5": 0.0, "0.75": 0.0, "1": 0.0, "1.5": 0.0}
    found = {
        "a": weights | {"0.25": 0.9, "1": 0.4},
        "b": weights | {"1": 0.8},
        "c": weights | {"1": 0.7},
    }
    assert held_out(found, "a") == 0.4


def test_the_report_ends_with_the_mean() -> None:
    row = dict.fromkeys(ways(), 0.25)
    lines = report({"a": row, "b": dict.fromkeys(ways(), 0.75)}).splitlines()
    assert set(lines[-1].replace("mean", "").split("|")) - {" ", ""} >= {" 0.500 "}
