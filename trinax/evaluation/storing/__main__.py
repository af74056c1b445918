"""python -m trinax.evaluation.storing FIGURES PAGE: what `trinax bench store --growth --json` has
printed, as a table between a page's marks and as a drawing beside it."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from trinax.errors import InvalidRequest
from trinax.evaluation import page
from trinax.evaluation.storing import growth

BEGIN = "<!-- Written by trinax.evaluation.storing, down to the end of it. -->"
END = "<!-- The end of it. -->"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m trinax.evaluation.storing")
    parser.add_argument("figures", type=Path, metavar="FIGURES", help="a JSON file")
    parser.add_argument("page", type=Path, metavar="PAGE", help="a Markdown file with the marks")
    given = parser.parse_args(arguments)
    figures = json.loads(given.figures.read_text("utf-8"))
    drawing = given.page.with_suffix(".svg")
    part = f"{growth.shown(figures)}\n\n![What a store costs as it grows]({drawing.name})"
    try:
        written = page.written(given.page.read_text("utf-8"), part, (BEGIN, END))
    except InvalidRequest as error:
        print(error, file=sys.stderr)
        return 1
    drawing.write_text(growth.drawn(figures), "utf-8")
    given.page.write_text(written, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
