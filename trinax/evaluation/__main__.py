"""python -m trinax.evaluation FOLDER PAGE: write what its data sets show between a page's marks."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from trinax.errors import InvalidRequest
from trinax.evaluation import builtin, page


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m trinax.evaluation", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a folder of data sets")
    parser.add_argument("page", type=Path, metavar="PAGE", help="a Markdown file with the marks")
    given = parser.parse_args(arguments)
    try:
        page.written(given.page.read_text("utf-8"), "")  # before the minutes that it takes
        part = page.shown(page.measured(given.folder, builtin.parts, _note))
        given.page.write_text(page.written(given.page.read_text("utf-8"), part), "utf-8")
    except InvalidRequest as error:
        print(error, file=sys.stderr)
        return 1
    print(part)
    return 0


def _note(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
