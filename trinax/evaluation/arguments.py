"""What the commands of this package are given."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from trinax.errors import InvalidRequest
from trinax.evaluation import datasets
from trinax.evaluation.datasets import Dataset

# Lines about so many chunks, made in an empty folder.
Measured = Callable[[Path, int], Coroutine[Any, Any, Iterable[str]]]


def printed(program: str, measured: Measured, chunks: int) -> None:
    """Print what is measured, in an empty folder, of so many chunks unless another number stands on
    the command line."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}")
    parser.add_argument("--chunks", type=int, default=chunks)
    wanted = parser.parse_args().chunks
    with TemporaryDirectory() as base:
        for line in asyncio.run(measured(Path(base), wanted)):
            print(line)


def named(program: str) -> list[Dataset]:
    """The datasets whose folders stand on the command line; where one cannot be read, the process
    ends with the reason."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    try:
        return [datasets.load(folder) for folder in parser.parse_args().folders]
    except InvalidRequest as error:
        sys.exit(str(error))
