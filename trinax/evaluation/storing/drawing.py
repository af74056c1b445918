"""Lines over a number that grows, as an SVG: both axes are logarithmic."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 460, 300  # of a panel
LEFT, RIGHT, TOP, BOTTOM = 52, 118, 40, 40
# Distinct for people who see fewer colours (Okabe and Ito, 2008).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
NAME_HEIGHT = 14
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#444}.title{font-weight:600;fill:#222}"
    ".grid{stroke:#ccc;stroke-width:1}.line{fill:none;stroke-width:2}"
    "@media(prefers-color-scheme:dark){text{fill:#bbb}.title{fill:#eee}.grid{stroke:#444}}"
)


@dataclass(frozen=True, slots=True)
class Line:
    """values: one for each place on the axis, above 0."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    lines: Sequence[Line]


def svg(places: Sequence[int], panels: Sequence[Panel]) -> str:
    """Panels beside each other. places: on the axis that they share, ascending, at least two."""
    width = WIDTH * len(panels)
    parts = [_panel(places, panel, WIDTH * at) for at, panel in enumerate(panels)]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" role="img">'
    title = escape("; ".join(panel.title for panel in panels))
    return "\n".join([head, f"<title>{title}</title><style>{STYLE}</style>", *parts, "</svg>", ""])


def ticks(least: float, most: float) -> list[float]:
    """1, 2 and 5 in each power of ten, from the last below the least to the first above the most;
    at least two."""
    first, last = math.floor(math.log10(least)), math.ceil(math.log10(most))
    steps = [step * 10.0**power for power in range(first, last + 1) for step in (1, 2, 5)]
    begin = max(at for at, step in enumerate(steps) if step <= least)
    end = min(at for at, step in enumerate(steps) if step >= most)
    return steps[begin : max(end, begin + 1) + 1]


def short(number: float) -> str:
    """1000000 → 1 M, 30000 → 30 k, 0.5 → 0.5."""
    for size, unit in ((1_000_000, " M"), (1000, " k")):
        if number >= size:
            return f"{number / size:g}{unit}"
    return f"{number:g}"


def _panel(places: Sequence[int], panel: Panel, offset: int) -> str:
    values = [value for line in panel.lines for value in line.values]
    marks = ticks(min(values), max(values))
    across = _Axis(places[0], places[-1], offset + LEFT, offset + WIDTH - RIGHT)
    up = _Axis(marks[0], marks[-1], HEIGHT - BOTTOM, TOP)
    parts = [f'<text class="title" x="{offset + LEFT}" y="20">{escape(panel.title)}</text>']
    for mark in marks:
        y = up.at(mark)
        parts += [
            _rule(across.begin, y, across.end, y),
            _label(across.begin - 6, y + 4, mark, "end"),
        ]
    for place in places:
        x = across.at(place)
        parts += [_rule(x, up.begin, x, up.begin + 4), _label(x, up.begin + 18, place, "middle")]
    ends = _apart([up.at(line.values[-1]) for line in panel.lines])
    for line, colour, y in zip(panel.lines, COLOURS, ends, strict=False):
        points = [
            (across.at(place), up.at(value))
            for place, value in zip(places, line.values, strict=True)
        ]
        parts += _drawn(line.name, points, colour, y)
    return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class _Axis:
    """begin, end: where least and most stand in the drawing."""

    least: float
    most: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        share = math.log(value / self.least) / math.log(self.most / self.least)
        return round(self.begin + share * (self.end - self.begin), 1)


def _drawn(name: str, points: Sequence[tuple[float, float]], colour: str, y: float) -> list[str]:
    path = " ".join(f"{x:g},{y:g}" for x, y in points)
    dots = [f'<circle cx="{x:g}" cy="{y:g}" r="3" fill="{colour}"/>' for x, y in points]
    end = points[-1][0] + 8
    text = f'<text x="{end:g}" y="{y + 4:g}" style="fill:{colour}">{escape(name)}</text>'
    return [f'<polyline class="line" stroke="{colour}" points="{path}"/>', *dots, text]


def _apart(heights: Sequence[float]) -> list[float]:
    """The same heights, moved down where names would stand on each other."""
    found = [*heights]
    order = sorted(range(len(found)), key=found.__getitem__)
    for above, below in pairwise(order):
        found[below] = max(found[below], found[above] + NAME_HEIGHT)
    return found


def _rule(x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<line class="grid" x1="{x:g}" y1="{y:g}" x2="{to_x:g}" y2="{to_y:g}"/>'


def _label(x: float, y: float, number: float, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{short(number)}</text>'
