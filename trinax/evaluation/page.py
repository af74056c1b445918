"""The part of a page that is written by measuring, and what is measured for it."""

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from trinax.errors import InvalidRequest
from trinax.evaluation import (
    code_set,
    comparison,
    datasets,
    embedding_speed,
    followups,
    report,
)
from trinax.evaluation.datasets import Dataset
from trinax.evaluation.evaluate import WORDS, evaluate, word_run
from trinax.evaluation.outcomes import Run, Scores, scores
from trinax.evaluation.runner import Parts
from trinax.evaluation.workload import Copy, copy_stdlib

BEGIN = "<!-- Written by make eval, down to the end of it. -->"
END = "<!-- The end of it. -->"
# The other data sets are counted as English prose.
OTHER_THAN_ENGLISH_PROSE = {"cosqa-dev", "xquad-es", "xquad-zh"}
# The data set of functions.
CODE = "stdlib-code"
# Questions in one language, a corpus in another, with the same ids.
ACROSS = (("xquad-es", "xquad-en"), ("xquad-zh", "xquad-en"))


@dataclass(frozen=True, slots=True)
class Measured:
    """runs: of the data sets in a folder, in every mode. across: of questions in another language
    than the corpus. code: of functions of the standard library, WORDS first. talks: of questions
    that lean on the turns before them."""

    runs: Sequence[Run]
    across: Sequence[Run]
    code: Sequence[Run]
    talks: Sequence[followups.Row]
    speed: embedding_speed.Speed
    fingerprint: str


def measured(
    root: Path,
    open_parts: Callable[[], Parts],
    note: Callable[[str], None],
    copy: Copy = copy_stdlib,
) -> Measured:
    """Everything that the page tells; takes minutes. root: a folder of data sets, those of another
    form left out. note: is told what is being measured. copy: as in bench.measured(). Raises
    InvalidRequest without any data set."""
    parts = open_parts()
    folders = sorted(path.parent for path in root.glob(f"*/{datasets.CORPUS}"))
    if not folders:
        raise InvalidRequest(f"{root.name} holds no folder with a {datasets.CORPUS}.")

    def runs(dataset: Dataset) -> list[Run]:
        note(f"{dataset.name}: {len(dataset.corpus)} documents, {len(dataset.judged())} questions")
        return evaluate(dataset, parts)

    own = [run for folder in folders for run in runs(datasets.load(folder))]
    across = [run for dataset in _across(root) for run in runs(dataset)]
    with TemporaryDirectory(prefix="trinax-code-") as folder:
        code_set.write(Path(folder) / CODE, copy=copy)
        code = datasets.load(Path(folder) / CODE)
    found = [word_run(code), *runs(code)]
    note("follow-ups")
    talks = followups.measured(parts)
    note("embedding")
    speed = embedding_speed.measured(lambda: open_parts().embedder, copy)
    return Measured(own, across, found, talks, speed, parts.embedder.fingerprint)


def shown(found: Measured) -> str:
    """The measured part in Markdown."""
    machine = f"Python {platform.python_version()}, {os.cpu_count()} processors"
    blocks = [
        # Times are those of a machine that may have had other things to do.
        f"Embedder `{found.fingerprint}`, {machine}, load {os.getloadavg()[0]:.1f} at the end.",
        _against(found.runs, "bm25", "BM25"),
        report.means_table(_means(found.runs)),
        "Questions in one language over paragraphs in another:",
        _against(found.across, "bm25", "BM25"),
        "Functions of the standard library by the first sentence of their docstring:",
        _against(found.code, WORDS, WORDS),
        "The last turn of conversations, which leans on those before it:",
        followups.shown(found.talks),
        "The embedder:",
        embedding_speed.shown(found.speed),
    ]
    return "\n\n".join(blocks)


def written(page: str, part: str, marks: tuple[str, str] = (BEGIN, END)) -> str:
    """The page with the part between its marks. Raises InvalidRequest for one without them."""
    before, begin, rest = page.partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not begin or not end:
        raise InvalidRequest(f"The page needs the lines {marks[0]!r} and {marks[1]!r}.")
    return f"{before}{begin}\n\n{part}\n\n{end}{after}"


def _across(root: Path) -> Iterator[Dataset]:
    for questions, corpus in ACROSS:
        if (root / questions).is_dir() and (root / corpus).is_dir():
            yield datasets.over(datasets.load(root / questions), datasets.load(root / corpus))


def _against(runs: Sequence[Run], way: str, reference: str) -> str:
    return report.scores_table(comparison.rows(comparison.pairs(runs, way), reference), reference)


def _means(runs: Sequence[Run]) -> list[comparison.Mean]:
    rows: list[Scores] = [scores(run) for run in runs]
    prose = [row for row in rows if row.dataset not in OTHER_THAN_ENGLISH_PROSE]
    return [*comparison.means("English prose", prose), *comparison.means("all", rows)]
