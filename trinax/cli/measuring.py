"""`trinax eval` of answers and chunks, and `trinax bench`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from trinax.cli import terminal
from trinax.cli.running import Refused
from trinax.documents.chunking import Limits
from trinax.evaluation import bench as search
from trinax.evaluation import builtin, chunk_scores, crowd, generation, overhead, soak
from trinax.evaluation.answers import report
from trinax.evaluation.answers.evaluate import Plan
from trinax.evaluation.answers.evaluate import evaluated as answers_evaluated
from trinax.evaluation.engines import found_peers
from trinax.evaluation.generation import Bench
from trinax.evaluation.ingestion import bench as ingestion
from trinax.evaluation.random_model import GgufMissing, Quantisation, random_model
from trinax.evaluation.serving import ServerFailed
from trinax.evaluation.storing import bench as storing
from trinax.evaluation.storing import endurance, growth
from trinax.settings import Settings

What = Literal["search", "generate", "web", "ingest", "store", "crowd", "soak", "all"]

# Where a data folder keeps the models that are measured.
FOLDER = "bench"


@dataclass(frozen=True, slots=True)
class Options:
    """Of `trinax bench`, as they are given."""

    llama_server: str | None = None
    llama_cpp_server: str | None = None
    quantisation: Quantisation = "f16"
    repetitions: int = 3
    threads: int = 0
    requests: int = 2000
    points: int = 100_000
    peers: str | None = None
    growth: bool = False
    soak: bool = False
    minutes: float = 5.0


@dataclass(frozen=True, slots=True)
class Measured:
    """passed: False if a check failed."""

    figures: dict[str, Any]
    text: str
    passed: bool = True


def evaluate_chunks(settings: Settings, folders: Sequence[Path]) -> Measured:
    """What is found of the evidence in each folder, by ways to cut its texts."""
    parts = builtin.parts(settings.retrieval)
    ways = chunk_scores.cuts(Limits(**asdict(settings.chunking)))
    rows = {folder.name: chunk_scores.measured(folder, parts, ways) for folder in folders}
    figures = {name: list(map(asdict, found)) for name, found in rows.items()}
    return Measured(figures, "\n\n".join(map(chunk_scores.shown, rows.values())))


def evaluate_answers(settings: Settings, plan: Plan) -> Measured:
    """What the models make of the data sets; not passed if an answer broke a promise. Raises
    Refused."""
    with _failures():
        rows = answers_evaluated(plan, settings, terminal.note)
    figures = {"answers": list(map(report.plain, rows))}
    return Measured(figures, report.shown(rows), passed=not any(row.faults for row in rows))


def bench(settings: Settings, what: What, options: Options) -> Measured:
    """The figures of this machine. Raises Refused, InvalidRequest for a peer that is not there."""
    with _failures():
        if what in ("generate", "all"):
            planned = _planned(settings, options)
            return _generate(planned) if what == "generate" else _all(planned, options)
        return _ALONE[what](options)


def _search(_: Options) -> Measured:
    figures = search.measured()
    return Measured(figures, search.shown(figures))


def _web(_: Options) -> Measured:
    figures = overhead.measured()
    return Measured(figures, overhead.shown(figures))


def _ingest(options: Options) -> Measured:
    figures = ingestion.measured(options.repetitions, terminal.note)
    return Measured(figures, ingestion.shown(figures), ingestion.passed(figures))


def _store(options: Options) -> Measured:
    if options.growth:
        figures = growth.measured(terminal.note)
        return Measured(figures, growth.shown(figures))
    if options.soak:
        plan = endurance.Plan(chunks=options.points, seconds=60 * options.minutes)
        figures = endurance.measured(plan, terminal.note)
        return Measured(figures, endurance.shown(figures), endurance.passed(figures))
    figures = storing.measured(options.points, terminal.note, options.peers)
    return Measured(figures, storing.shown(figures))


def _crowd(_: Options) -> Measured:
    figures = crowd.measured()
    return Measured(figures, crowd.shown(figures))


def _soak(options: Options) -> Measured:
    figures = soak.soaked(soak.Soak(requests=options.requests))
    return Measured(figures, soak.shown(figures), soak.passed(figures))


_ALONE: dict[What, Callable[[Options], Measured]] = {
    "search": _search,
    "web": _web,
    "ingest": _ingest,
    "store": _store,
    "crowd": _crowd,
    "soak": _soak,
}


def _planned(settings: Settings, options: Options) -> Bench:
    peers = found_peers(options.llama_server, options.llama_cpp_server)
    return Bench(
        folder=settings.data_dir / FOLDER,
        peers=peers,
        quantisation=options.quantisation,
        repetitions=options.repetitions,
        threads=options.threads,
    )


def _generate(planned: Bench) -> Measured:
    figures = generation.measured(planned, terminal.note)
    return Measured(figures, generation.shown(figures))


def _all(planned: Bench, options: Options) -> Measured:
    # Before the minute that searching takes: it may turn out that it cannot be made.
    random_model(planned.folder, planned.shape, planned.quantisation)
    parts = {"search": _search(options), "web": _web(options), "ingest": _ingest(options)}
    parts["generate"] = _generate(planned)
    figures = {name: part.figures for name, part in parts.items()}
    text = "\n\n".join(part.text for part in parts.values())
    return Measured(figures, text, all(part.passed for part in parts.values()))


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except (GgufMissing, ServerFailed, TimeoutError) as exc:
        raise Refused(str(exc)) from exc
