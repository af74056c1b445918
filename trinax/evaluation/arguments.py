"""What the commands of this package are given."""

import argparse
import sys
from pathlib import Path

from trinax.errors import InvalidRequest
from trinax.evaluation import datasets
from trinax.evaluation.datasets import Dataset


def named(program: str) -> list[Dataset]:
    """The datasets whose folders stand on the command line; where one cannot be read, the process
    ends with the reason."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    try:
        return [datasets.load(folder) for folder in parser.parse_args().folders]
    except InvalidRequest as error:
        sys.exit(str(error))
