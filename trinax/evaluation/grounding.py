"""python -m trinax.evaluation.grounding DIR…: fit and judge what binds sentences to passages.

The folders are datasets. Statements with a known passage are made of them: sentences of a passage
("quoted"), the same with one figure altered ("altered"), a question with its answer ("answered"),
queries that are sentences themselves ("claimed"), and all of these against the passages of a
dataset that holds the same in another language ("translated"). Each is put beside its passage and
seven others, neighbours from the same article first. Figures of a dataset come from weights that
were fitted without it and its translations (between languages: without the half of the articles
that it is from); those printed last are fitted to all.
"""

import argparse
import json
import random
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal
from zlib import crc32

import numpy as np

from trinax.answering.grounding.binding import Binder
from trinax.answering.grounding.carrying import Carriers, Coefficients, Features, Weights
from trinax.answering.records import Source
from trinax.documents.prose import sentence_starts
from trinax.documents.records import Chunk
from trinax.embedding.ports import Embedder
from trinax.errors import InvalidRequest
from trinax.evaluation import builtin, datasets
from trinax.evaluation.datasets import Dataset, Document
from trinax.evaluation.logistic import Array, fit
from trinax.evaluation.metrics import mean
from trinax.evaluation.report import table
from trinax.index.languages import language
from trinax.index.records import Passage

Kind = Literal["quoted", "altered", "answered", "claimed", "translated"]

SEED = 7
STATEMENTS = 150  # of each dataset and kind
OTHERS = 7  # passages beside the right one
NEIGHBOURS = 4  # of which at most so many are of the same article
SENTENCE_CHARACTERS = 40
SAME_QUERIES = 0.9  # datasets that share so many query ids are translations
NEIGHBOUR_WEIGHT = 3.0  # what is nearly right is the harder mistake
HEAD = ("statements", "kind", "n", "kept", "replaced", "dropped", "added", "not added")


@dataclass(frozen=True, slots=True)
class Statement:
    """sources: the right one first, then its neighbours, then others. family: of datasets that
    share questions."""

    dataset: str
    family: int
    kind: Kind
    text: str
    sources: tuple[Source, ...]
    neighbours: int

    @property
    def half(self) -> int:
        """Which half of the articles, whatever the language, it is from: 0 or 1."""
        return crc32(self.sources[0].passage.chunk.context.encode()) % 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m trinax.evaluation.grounding")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--statements", type=int, default=STATEMENTS, metavar="N")
    arguments = parser.parse_args()
    try:
        statements = list(made(arguments.folders, arguments.statements))
    except InvalidRequest as error:
        print(error, file=sys.stderr)
        return 1
    embedder = builtin.parts().embedder
    seen = [(one, _features(one, embedder)) for one in statements]
    rows = []
    for family in sorted({one.family for one in statements}):
        rows += held_out(family, seen, embedder)
    print(table(HEAD, rows), end="\n\n")
    print(fitted(seen))
    return 0


def made(folders: Sequence[Path], limit: int) -> Iterator[Statement]:
    """Statements of all datasets, the same at every run."""
    loaded = [datasets.load(folder) for folder in folders]
    answers = {one.name: _answers(folder) for one, folder in zip(loaded, folders, strict=True)}
    for dataset in loaded:
        rng = random.Random(SEED)
        family = min(i for i, other in enumerate(loaded) if _same_queries(dataset, other))
        texts = _texts(dataset, answers[dataset.name], rng, limit)
        for kind, text, gold in texts:
            yield _statement((dataset.name, family, kind), text, gold, (dataset, rng))
        for other in loaded:
            if other is dataset or not _same_queries(dataset, other):
                continue
            for kind, text, gold in texts:
                if kind != "altered" and gold in {document.id for document in other.corpus}:
                    name = f"{dataset.name} → {other.name}"
                    yield _statement((name, family, "translated"), text, gold, (other, rng))


def held_out(
    family: int, seen: Sequence[tuple[Statement, Sequence[Features]]], embedder: Embedder
) -> list[list[str]]:
    """Rows for a family by weights that were fitted to the others, and between languages, of
    which there may be one family only, to the other half of its articles."""
    weights = {
        half: fitted(
            [
                (one, known)
                for one, known in seen
                if one.family != family or (one.kind == "translated" and one.half != half)
            ]
        )
        for half in (0, 1)
    }
    return list(judged([one for one, _ in seen if one.family == family], weights, embedder))


def fitted(seen: Sequence[tuple[Statement, Sequence[Features]]]) -> Weights:
    """Weights for the statements with their features, altered ones left out."""
    rows = [
        (one, features, i)
        for one, known in seen
        if one.kind not in ("altered", "quoted")
        for i, features in enumerate(known)
    ]
    same = [row for row in rows if row[0].kind != "translated" and not row[1].other]
    other = [row for row in rows if row[0].kind == "translated" and row[1].other]
    return Weights(
        same=_coefficients(same, cosine=True),
        other=_coefficients(other, cosine=True) if other else Weights().other,
        words=_coefficients(same, cosine=False),
    )


def judged(
    statements: Sequence[Statement], weights: Mapping[int, Weights], embedder: Embedder
) -> Iterator[list[str]]:
    """A row for each dataset and kind.

    kept: of citations of the right passage. replaced: of citations of a wrong one, by the right
    one. dropped: of those where the right passage is not at hand. added, not added: to a sentence
    without citation, with the right passage at hand and without it. For altered statements no
    passage is right: a citation is to be dropped, and none added.
    """
    for name, kind in dict.fromkeys((one.dataset, one.kind) for one in statements):
        some = [one for one in statements if (one.dataset, one.kind) == (name, kind)]
        outcomes = [_outcome(one, weights[one.half], embedder) for one in some]
        shares = [mean(column) for column in zip(*outcomes, strict=True)]
        shown = [f"{share:.3f}" for share in shares]
        if kind == "altered":
            shown = ["", "", shown[2], "", shown[4]]
        yield [name, kind, str(len(some)), *shown]


def _outcome(one: Statement, weights: Weights, embedder: Embedder) -> tuple[bool, ...]:
    question = one.text
    full = Binder(Carriers(one.sources, embedder, question, weights))
    right, wrong = one.sources[0].n, one.sources[1].n
    if one.kind == "altered":
        gone = not full.kept(one.text, [right])
        return (False, False, gone, False, full.added(one.text) is None)
    without = Binder(Carriers(one.sources[1:], embedder, question, weights))
    return (
        full.kept(one.text, [right]) == (right,),
        full.kept(one.text, [wrong]) == (right,),
        not without.kept(one.text, [wrong]),
        full.added(one.text) == right,
        without.added(one.text) is None,
    )


def _features(one: Statement, embedder: Embedder) -> list[Features]:
    carriers = Carriers(one.sources, embedder, one.text)
    if not carriers.states(one.text):
        return []
    return [carriers.features(one.text, source.n) for source in one.sources]


def _coefficients(rows: Sequence[tuple[Statement, Features, int]], cosine: bool) -> Coefficients:
    kept = [row for row in rows if not row[1].missing]
    x = np.array(
        [[f.share, f.near, (f.cosine or 0.0) * cosine] for _, f, _ in kept], dtype=np.float64
    )
    y = np.array([place == 0 for _, _, place in kept], dtype=np.float64)
    weights = np.array([_weight(one, place) for one, _, place in kept])
    weights[y == 1] /= weights[y == 1].sum()
    weights[y == 0] /= weights[y == 0].sum()
    found: Array = fit(x, y, weights)
    constant, share, near, nearest = (round(float(each), 2) for each in found)
    return (constant, share, near, nearest)


def _weight(one: Statement, place: int) -> float:
    return NEIGHBOUR_WEIGHT if 0 < place <= one.neighbours else 1.0


def _texts(
    dataset: Dataset, answers: Mapping[str, str], rng: random.Random, limit: int
) -> list[tuple[Kind, str, str]]:
    """(kind, text, id of the document that it belongs to)."""
    quoted = [(text, one.id) for one in dataset.corpus for text in _sentences(one.text)]
    rng.shuffle(quoted)
    changed = [(altered, id) for text, id in quoted if (altered := _altered(text, rng))]
    asked = [
        (f"{re.sub('[?？¿]', ' ', text)} {answers[query]}", next(iter(dataset.qrels[query])))
        for query, text in dataset.queries.items()
        if query in answers and dataset.qrels.get(query)
    ]
    claimed = [
        (text, document)
        for query, text in dataset.queries.items()
        for document in list(dataset.qrels.get(query, {}))[:1]
        if text.endswith(".") and query not in answers
    ]
    rng.shuffle(asked)
    rng.shuffle(claimed)
    found: dict[Kind, list[tuple[str, str]]] = {
        "quoted": quoted, "altered": changed, "answered": asked, "claimed": claimed,
    }  # fmt: skip
    if claimed:  # its sentences are no statements of their own
        found["quoted"], found["altered"] = [], []
    return [(kind, *pair) for kind, pairs in found.items() for pair in pairs[:limit]]


def _statement(
    of: tuple[str, int, Kind], text: str, gold: str, among: tuple[Dataset, random.Random]
) -> Statement:
    dataset, rng = among
    right = next(one for one in dataset.corpus if one.id == gold)
    article = [one for one in dataset.corpus if one.title == right.title and one.id != gold]
    near = rng.sample(article, min(NEIGHBOURS, len(article))) if right.title else []
    taken = {gold, *(one.id for one in near)}
    some = rng.sample(dataset.corpus, min(OTHERS + NEIGHBOURS + 1, len(dataset.corpus)))
    others = [one for one in some if one.id not in taken]
    documents = [right, *near, *others][: OTHERS + 1]
    sources = tuple(_source(n, one) for n, one in enumerate(documents, 1))
    name, family, kind = of
    return Statement(name, family, kind, text, sources, len(near))


def _source(n: int, document: Document) -> Source:
    text = document.text
    chunk = Chunk(document.id, text, document.title, 0, 0, 1, 1, None, 0)
    return Source(n, Passage("c", "", 0, chunk, "text", language(text), 0, 0.0), 0.5)


def _sentences(text: str) -> list[str]:
    starts = [0, *sentence_starts(text), len(text)]
    parts = [text[start:end].strip() for start, end in pairwise(starts)]
    return [part for part in parts if len(part) >= SENTENCE_CHARACTERS]


def _altered(text: str, rng: random.Random) -> str:
    """With one of its numbers of at least two digits changed, "" if it has none."""
    found = list(re.finditer(r"(?<![\w.,])\d{2,4}(?![\w,.]|\s?[百千万亿])", text))
    if not found:
        return ""
    match = rng.choice(found)
    number = int(match[0]) + rng.choice([-7, -3, 3, 7, 11])
    return f"{text[: match.start()]}{abs(number)}{text[match.end() :]}"


def _answers(folder: Path) -> dict[str, str]:
    path = folder / "answers.jsonl"
    if not path.exists():
        return {}
    rows = map(json.loads, filter(None, path.read_text("utf-8").split("\n")))
    return {row["_id"]: row["answers"][0] for row in rows if row.get("answers")}


def _same_queries(one: Dataset, other: Dataset) -> bool:
    shared = len(one.queries.keys() & other.queries.keys())
    return shared >= SAME_QUERIES * max(len(one.queries), len(other.queries))


if __name__ == "__main__":
    sys.exit(main())
