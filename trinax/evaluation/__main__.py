"""python -m trinax.evaluation DIR… [--split N] [--json] [--markdown FILE]: retrieval scores."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from trinax.errors import InvalidRequest
from trinax.evaluation import builtin
from trinax.evaluation.evaluate import evaluate
from trinax.evaluation.report import page, scores_table


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m trinax.evaluation", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--split", type=int, default=1, help="deal each corpus into N collections")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write a page there too")
    given = parser.parse_args(arguments)
    parts = builtin.parts()
    try:
        rows = [
            row for folder in given.folders for row in evaluate(folder, parts, split=given.split)
        ]
    except InvalidRequest as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps([asdict(row) for row in rows], indent=2) if given.json else scores_table(rows))
    if given.markdown:
        before = given.markdown.read_text("utf-8") if given.markdown.exists() else ""
        given.markdown.write_text(page(rows, parts.embedder.fingerprint, before), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
