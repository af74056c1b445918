import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from trinax.evaluation.storing import __main__ as writing
from trinax.evaluation.storing import growth
from trinax.evaluation.storing.drawing import Line, Panel, short, svg, ticks

SVG = "{http://www.w3.org/2000/svg}"


def _size(chunks: int) -> dict[str, Any]:
    times = {"p50": 2.0 + chunks / 1e6, "p99": 9.5, "cpu_ms": 3.0}
    found = {"search_ms": times, "query_ms": times, "seconds": 7.5}
    states = ("compact", "beside", "compacting", "loose")
    reopened = {"opened_s": 0.5, "process_mb": 300, "own_mb": 90}
    rest = {"recall": 0.998, "written_per_s": 9000, "disk_mb": chunks // 250}
    return {"chunks": chunks, **dict.fromkeys(states, found), **rest, "reopened": reopened}


FIGURES = {"sizes": [_size(10_000), _size(100_000), _size(1_000_000)]}


def test_the_table_has_a_column_for_each_size() -> None:
    lines = growth.shown(FIGURES).splitlines()
    assert [cell.strip() for cell in lines[0].split("|")[1:-1]] == [
        "chunks",
        "10 k",
        "100 k",
        "1 M",
    ]
    assert len(lines) == 2 + len(growth.ROWS)
    assert re.search(r"on disk, MB +\| +40 \| +400 \| +4000 \|", "\n".join(lines))


def test_what_the_system_does_not_tell_is_left_out() -> None:
    silent = [{**size, "reopened": {"opened_s": 0.5}} for size in FIGURES["sizes"]]
    shown = growth.shown({"sizes": silent})
    assert re.search(r"memory of a process .* \|( +\|){3}", shown)


def test_the_drawing_puts_ten_times_as_much_as_far_each_time() -> None:
    drawn = ElementTree.fromstring(svg([1, 10, 100], [Panel("t", [Line("l", [1, 10, 100])])]))
    (line,) = drawn.iter(f"{SVG}polyline")
    points = [tuple(map(float, one.split(","))) for one in line.attrib["points"].split()]
    (x0, y0), (x1, y1), (x2, y2) = points
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.2)
    assert y0 > y2


def test_names_in_a_drawing_do_not_stand_on_each_other() -> None:
    lines = [Line("one & two", [5, 7.0]), Line("three", [5, 7.01])]
    drawn = ElementTree.fromstring(svg([1, 10], [Panel("<title>", lines)]))
    names = {text.text: float(text.attrib["y"]) for text in drawn.iter(f"{SVG}text")}
    assert abs(names["one & two"] - names["three"]) >= 12
    assert "<title>" in names


def test_a_line_that_does_not_grow_can_be_drawn() -> None:
    ElementTree.fromstring(svg([1, 10], [Panel("t", [Line("flat", [5, 5])])]))


@pytest.mark.parametrize(
    ("least", "most", "found"),
    [
        (3, 30, [2, 5, 10, 20, 50]),
        (1, 10, [1, 2, 5, 10]),
        (5, 5, [5, 10]),
        (0.4, 0.6, [0.2, 0.5, 1]),
    ],
)
def test_ticks_hold_all(least: float, most: float, found: list[float]) -> None:
    assert ticks(least, most) == pytest.approx(found)


def test_numbers_are_short() -> None:
    assert [*map(short, (0.5, 20, 30_000, 1_000_000))] == ["0.5", "20", "30 k", "1 M"]


def test_a_page_gets_table_and_drawing(tmp_path: Path) -> None:
    page, figures = tmp_path / "growth.md", tmp_path / "growth.json"
    page.write_text(f"# Growth\n\n{writing.BEGIN}\nold\n{writing.END}\n\nmore\n", "utf-8")
    figures.write_text(json.dumps(FIGURES), "utf-8")
    assert writing.main([str(figures), str(page)]) == 0
    text = page.read_text("utf-8")
    assert "old" not in text
    assert growth.shown(FIGURES) in text
    assert "](growth.svg)" in text
    assert text.endswith("\n\nmore\n")
    ElementTree.fromstring((tmp_path / "growth.svg").read_text("utf-8"))


def test_a_page_without_marks_stays_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, figures = tmp_path / "growth.md", tmp_path / "growth.json"
    page.write_text("# Growth\n", "utf-8")
    figures.write_text(json.dumps(FIGURES), "utf-8")
    assert writing.main([str(figures), str(page)]) == 1
    assert writing.BEGIN in capsys.readouterr().err
    assert page.read_text("utf-8") == "# Growth\n"
    assert not (tmp_path / "growth.svg").exists()
