"""Every figure of indexing, as `trinax bench ingest` shows it."""

from collections.abc import Callable

from trinax.evaluation.ingestion import beside, checkout, following, memory, throughput
from trinax.evaluation.ingestion.watching import Figures
from trinax.evaluation.report import table


def measured(repetitions: int, note: Callable[[str], None]) -> Figures:
    """Takes some minutes. note: told what is being measured. Raises ServerFailed, TimeoutError."""
    note("throughput")
    throughputs = throughput.measured(repetitions)
    note("memory")
    memories = memory.measured()
    note("edits, scans and restarts of 10 000 notes")
    followed = following.measured(repetitions)
    note("a checkout of 2 000 files")
    checked_out = checkout.measured()
    note("searches beside indexing")
    return {
        "throughput": throughputs,
        "memory": memories,
        "following": followed,
        "checkout": checked_out,
        "beside": beside.measured(),
    }


def shown(figures: Figures) -> str:
    """The figures as tables; a part that could not be measured here is left out."""
    parts = [
        _throughput(figures["throughput"]),
        _memory(figures["memory"]) if figures["memory"] else "",
        _following(figures["following"], figures["checkout"]),
        _beside(figures["beside"]),
    ]
    return "\n\n".join(filter(None, parts))


def passed(figures: Figures) -> bool:
    """Whether the checkout left exactly the chunks that an index from scratch has."""
    checked_out = figures["checkout"]
    return not checked_out or checked_out["lost"] == checked_out["double"] == 0


def _throughput(figures: Figures) -> str:
    rows = [
        [
            f"{name}: {one['files']} files, {one['bytes'] / 1e6:.1f} MB, {one['chunks']} chunks",
            f"{one['seconds']:g}",
            f"{one['chunks_per_s']}",
            f"{one['mb_per_s']:g}",
            f"{one['naive_mb_per_s']:g}",
            f"{one['mb_per_s'] / one['naive_mb_per_s']:.2f} ×",
        ]
        for name, one in figures.items()
    ]
    return table(["from nothing", "s", "chunks/s", "MB/s", "naive MB/s", "ratio"], rows)


def _memory(figures: Figures) -> str:
    rows = [
        [
            f"{step['files']} files, {step['chunks']} chunks",
            *(f"{step[key]:g}" for key in ("anon_mb", "rss_mb", "peak_mb")),
        ]
        for step in figures["steps"]
    ]
    rows += [
        ["start", "", f"{figures['start_mb']:g}", ""],
        ["parser processes together", "", "", f"{figures['parsers_peak_mb']:g}"],
        ["a chunk more, bytes", f"{figures['bytes_per_chunk']}", "", ""],
    ]
    return table(["memory of the server, MB", "own", "resident", "peak"], rows)


def _following(figures: Figures, checkout: Figures) -> str:
    rows = [
        *(
            [f"save to found {rank}, ms", f"{taken:g}"]
            for rank, taken in figures["save_ms"].items()
        ),
        ["scan without a change after the start, ms", f"{figures['scan_cold_ms']}"],
        ["scan without a change later, ms", f"{figures['scan_warm_ms']}"],
        ["restart to ready, s", f"{figures['restart_s']:g}"],
    ]
    if checkout:
        of = f"of {checkout['changed']} of {checkout['files']} files"
        rows += [
            [f"git checkout {of} until settled, s", f"{checkout['seconds']:g}"],
            ["chunks lost by it, double after it", f"{checkout['lost']}, {checkout['double']}"],
        ]
    return table([f"{figures['files']} files, {figures['chunks']} chunks", ""], rows)


def _beside(figures: Figures) -> str:
    names = {
        "search_ms": "search over HTTP",
        "loop_ms": "GET /health",
        "chat_ms": "first byte of an answer",
    }
    idle, busy = figures["idle"], figures["busy"]
    rows = [
        [f"{text} {rank}, ms", f"{idle[name][rank]:g}", f"{busy[name][rank]:g}"]
        for name, text in names.items()
        for rank in idle[name]
    ]
    return table(["", "idle", f"while indexing ({figures['indexing_s']:g} s)"], rows)
