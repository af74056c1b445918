"""python -m trinax.evaluation.code_set FOLDER: functions of the standard library as a dataset.

A question is the first sentence of a docstring, and the functions that have it, without it, are
what should be found among all functions. Questions are of the packages that held_out() keeps from
training the built-in embedder. The same Python makes the same files.
"""

import argparse
import ast
import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

from trinax.embedding.training.held_out import held_out
from trinax.evaluation.datasets import CORPUS
from trinax.evaluation.workload import (
    LONGEST_WORDS,
    SEED,
    SHORTEST_WORDS,
    Copy,
    copy_stdlib,
    first_sentence,
)

QUESTIONS = 1000

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """A function. id: its file, its name in it, and its line. text: its lines without its
    docstring. sentence: the first one of that, "" if it is none to ask with."""

    id: str
    text: str
    sentence: str


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m trinax.evaluation.code_set")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    write(parser.parse_args(arguments).folder)
    return 0


def write(folder: Path, questions: int = QUESTIONS, copy: Copy = copy_stdlib) -> None:
    """The dataset of the running Python's library, at most so many questions of it. copy: as in
    bench.measured()."""
    with TemporaryDirectory(prefix="trinax-code-") as copies:
        files = copy(Path(copies))
        found = [
            source
            for file in files
            for source in sources(file.read_bytes(), file.relative_to(copies).as_posix())
        ]
    write_sources(folder, found, questions)


def write_sources(folder: Path, found: Sequence[Source], questions: int) -> None:
    """corpus.jsonl, queries.jsonl and qrels.tsv, over those in the folder."""
    having = _having(found)
    asked = random.Random(SEED).sample(sorted(having), min(questions, len(having)))
    folder.mkdir(parents=True, exist_ok=True)
    rows = ({"_id": source.id, "title": "", "text": source.text} for source in found)
    _write(folder / CORPUS, map(_json, rows))
    named = {f"q{number}": sentence for number, sentence in enumerate(asked, start=1)}
    queries = ({"_id": id, "text": sentence} for id, sentence in named.items())
    _write(folder / "queries.jsonl", map(_json, queries))
    right = ((id, function) for id, sentence in named.items() for function in having[sentence])
    lines = (f"{id}\t{function}\t1" for id, function in right)
    _write(folder / "qrels.tsv", ["query-id\tcorpus-id\tscore", *lines])


def _having(found: Sequence[Source]) -> dict[str, list[str]]:
    """Sentence → ids of the functions that have it, where all of these are held out."""
    having: defaultdict[str, list[str]] = defaultdict(list)
    for source in found:
        if source.sentence:
            having[source.sentence].append(source.id)
    return {sentence: ids for sentence, ids in having.items() if all(map(_held_out, ids))}


def _held_out(id: str) -> bool:
    return held_out(id.partition(":")[0].partition("/")[0].removesuffix(".py"))


def sources(data: bytes, file: str) -> Iterator[Source]:
    """Functions and methods of a module in order, none for one that is wrong; those inside of
    others are part of them, and those that are little but a docstring are left out."""
    try:
        tree = ast.parse(data)
        # Not splitlines(): a form feed ends no line here.
        lines = StringIO(data.decode(), newline=None).readlines()
    except (SyntaxError, ValueError):  # the library holds files that are wrong on purpose
        return
    for name, node in _functions(tree.body, ""):
        docstring = _docstring_lines(node)
        if not docstring or (node.lineno not in docstring and len(node.body) > 1):
            id = f"{file}:{name}:{node.lineno}"
            yield Source(id, _text(node, lines, docstring), _sentence(node))


def _functions(body: Sequence[ast.stmt], owner: str) -> Iterator[tuple[str, Function]]:
    for node in body:
        if isinstance(node, Function):
            yield owner + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{owner}{node.name}.")


def _docstring_lines(node: Function) -> range:
    if ast.get_docstring(node, clean=False) is None:
        return range(0)
    return _lines(node.body[0], node.body[0].lineno)


def _text(node: Function, lines: Sequence[str], left_out: range) -> str:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    kept = (number for number in _lines(node, first) if number not in left_out)
    return dedent("".join(lines[number - 1] for number in kept))


def _lines(node: ast.stmt, first: int) -> range:
    return range(first, (node.end_lineno or first) + 1)


def _sentence(node: Function) -> str:
    sentence = first_sentence(ast.get_docstring(node) or "")
    return sentence if SHORTEST_WORDS <= len(sentence.split()) <= LONGEST_WORDS else ""


def _json(row: dict[str, str]) -> str:
    return json.dumps(row, ensure_ascii=False)


def _write(path: Path, lines: Iterator[str] | Sequence[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
