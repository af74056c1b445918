"""python -m trinax.evaluation.routing train | judge FILE… | cross FILE…: the router's weights.

train learns them from requests.jsonl and writes the router's weights.json. judge says how often
they are right on labelled requests, cross how often they are right on each tenth of a file after
learning from requests.jsonl and the other nine tenths. A file has a JSON object on each line with
text, kind and lang; a note that says "borderline" marks what people may label differently.
"""

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trinax.answering.routing.features import features
from trinax.answering.routing.kinds import KINDS, WORD, Weights, by_weights
from trinax.answering.routing.kinds import weights as shipped
from trinax.errors import InvalidRequest
from trinax.evaluation.softmax import fit
from trinax.settings import Kind

REQUESTS = Path(__file__).parent / "requests.jsonl"
# Never learned from, and nothing was changed for what came out on them.
UNSEEN = Path(__file__).parent / "unseen_requests.jsonl"
WEIGHTS = Path(__file__).parents[1] / "answering" / "routing" / "weights.json"

# From 1e-3 to 2e-4 the share that is right on held-out requests differs by about a hundredth.
RIDGE = 5e-4
# Words of fewer requests are not learned.
LEAST_REQUESTS = 2
# Smaller weights are not written down.
LEAST_WEIGHT = 0.05
PARTS = 10
SEED = 4


@dataclass(frozen=True, slots=True)
class Labelled:
    text: str
    kind: Kind
    language: str
    borderline: bool = False


def read(file: Path) -> list[Labelled]:
    """Raises InvalidRequest for a line that is no labelled request."""
    return [
        _labelled(line, f"{file.name}:{number}")
        for number, line in enumerate(file.read_text("utf-8").split("\n"), 1)
        if line.strip()
    ]


def _labelled(line: str, where: str) -> Labelled:
    try:
        row = json.loads(line)
        borderline = "borderline" in row.get("note", "")
        labelled = Labelled(row["text"], row["kind"], row.get("lang", ""), borderline)
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise InvalidRequest(f"{where} is no JSON object with text and kind.") from exc
    if labelled.kind not in KINDS or not isinstance(labelled.text, str):
        raise InvalidRequest(f"{where} must have a text and a kind of {', '.join(KINDS)}.")
    return labelled


def learned(requests: Sequence[Labelled], ridge: float = RIDGE) -> Weights:
    """A weight for each kind by feature, as by_weights() takes them; the same requests always
    give the same."""
    found = [features(each.text) for each in requests]
    numbers = Counter(name for each in found for name in each)
    names = sorted(
        name
        for name, number in numbers.items()
        if number >= LEAST_REQUESTS or not name.startswith(WORD)
    )
    columns = {name: column for column, name in enumerate(names)}
    x = np.zeros((len(requests), len(names)))
    for row, values in zip(x, found, strict=True):
        for name in values.keys() & columns.keys():
            row[columns[name]] = values[name]
    labels = np.array([KINDS.index(each.kind) for each in requests])
    rows = np.round(fit(x, labels, len(KINDS), ridge), 2).tolist()
    told = zip(names, rows, strict=False)
    return {"": rows[-1]} | {name: row for name, row in told if max(map(abs, row)) >= LEAST_WEIGHT}


def predicted(requests: Sequence[Labelled], weights: Weights) -> list[Kind]:
    return [by_weights(features(each.text), weights).kind for each in requests]


def crossed(requests: Sequence[Labelled], always: Sequence[Labelled]) -> list[Kind]:
    """Each tenth of the requests by what the other nine and `always` teach."""
    parts = np.random.default_rng(SEED).permutation(len(requests)) % PARTS
    kinds: list[Kind] = ["general"] * len(requests)
    for part in range(PARTS):
        taught = [each for each, own in zip(requests, parts, strict=True) if own != part]
        weights = learned([*always, *taught])
        for place in np.flatnonzero(parts == part).tolist():
            [kinds[place]] = predicted([requests[place]], weights)
    return kinds


def report(requests: Sequence[Labelled], kinds: Sequence[Kind]) -> str:
    """A Markdown table: how many are right, of all, of each kind and of each language."""
    rows: defaultdict[str, list[bool]] = defaultdict(list)
    for each, kind in zip(requests, kinds, strict=True):
        right = each.kind == kind
        groups = ["all", f"kind {each.kind}", f"language {each.language}"]
        if not each.borderline:
            groups.append("without borderline")
        for group in groups:
            rows[group].append(right)
    order = sorted(rows, key=lambda name: (" " in name, name))
    lines = [
        f"| {name} | {sum(rows[name])} of {len(rows[name])} | {np.mean(rows[name]):.3f} |"
        for name in order
    ]
    return "\n".join(["| requests | right | share |", "|---|---|---|", *lines])


def written(weights: Weights) -> str:
    """JSON with a feature on each line."""
    lines = (f"{json.dumps(name, ensure_ascii=False)}: {[*row]}" for name, row in weights.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m trinax.evaluation.routing", description=__doc__
    )
    parser.add_argument("task", choices=("train", "judge", "cross"))
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="labelled requests")
    parser.add_argument("--requests", type=Path, default=REQUESTS, help="learned from")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="written by train")
    given = parser.parse_args(arguments)
    try:
        if given.task == "train":
            given.weights.write_text(written(learned(read(given.requests))), "utf-8")
            return 0
        for file in given.files:
            print(f"\n{file.name}\n\n{_tested(file, given.task, given.requests)}")
    except (InvalidRequest, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _tested(file: Path, task: str, own: Path) -> str:
    requests = read(file)
    if task == "cross":
        always = [] if file.resolve() == own.resolve() else read(own)
        return report(requests, crossed(requests, always))
    weights = shipped()
    predicted(requests[:1], weights)  # what is read once is not counted
    began = time.perf_counter()
    kinds = predicted(requests, weights)
    each_ms = 1000 * (time.perf_counter() - began) / max(1, len(requests))
    return f"{report(requests, kinds)}\n\n{each_ms:.2f} ms for each request"


if __name__ == "__main__":
    sys.exit(main())
