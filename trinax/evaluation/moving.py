"""python -m trinax.evaluation.moving [--chunks 10000]: what renaming, export and import take."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from trinax.app import open_parts
from trinax.evaluation.arguments import printed
from trinax.ingest.archives import Limits, unpacked
from trinax.settings import Settings

FILE_CHUNKS = 40
LIMITS = Limits(20_000_000, 100_000)
WORDS = ("lamp", "foghorn", "keeper", "paraffin", "lens", "tower", "storm", "harbour", "signal")
# With its heading a chunk of its own.
SECTION_WORDS = 40


def write(folder: Path, chunks: int) -> None:
    """Documents of about so many chunks, no two the same."""
    folder.mkdir(parents=True)
    for file in range(chunks // FILE_CHUNKS):
        parts = [_section(file, part) for part in range(FILE_CHUNKS)]
        (folder / f"{file}.md").write_text("".join(parts), "utf-8")


def _section(file: int, part: int) -> str:
    words = (f"{WORDS[(n * part + file) % len(WORDS)]} {file * n}" for n in range(SECTION_WORDS))
    return f"# Part {part} of {file}\n\n{' '.join(words)}.\n\n"


async def measured(base: Path, chunks: int) -> list[str]:
    """A line for each of what is done with a collection."""
    settings = Settings(base=base)
    write(settings.collections_dir / "notes", chunks)
    lines: list[str] = []
    async with open_parts(settings) as parts:
        async with _timed(lines, "indexing from nothing"):
            await parts.ingest.reconcile()
        lines.append(f"{parts.registry.get('notes').count()} chunks")
        async with _timed(lines, "renaming"):
            await parts.manager.rename("notes", "papers")
        archive = base / "archive"
        async with _timed(lines, "export"):
            archive.write_bytes(b"".join([p async for p in parts.manager.exported("papers")]))
        lines.append(f"{archive.stat().st_size / 1e6:.1f} MB of archive")
        (base / "apart").mkdir()
        async with _timed(lines, "unpacking and checking"):
            found = await asyncio.to_thread(unpacked, archive, base / "apart", LIMITS)
        async with _timed(lines, "import, until all is indexed"):
            taken = await parts.manager.take_in("copy", found)
            await parts.ingest.wait_idle()
        lines.append(f"{taken.vectors} vectors taken over")
        async with _timed(lines, "deleting"):
            await parts.manager.remove("copy")
    return lines


@asynccontextmanager
async def _timed(lines: list[str], what: str) -> AsyncIterator[None]:
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    yield
    seconds, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    lines.append(f"{what}: {seconds:.2f} s, {cpu_s:.2f} s of processor time here")


if __name__ == "__main__":
    printed("trinax.evaluation.moving", measured, chunks=10_000)
