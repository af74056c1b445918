"""A folder of files that nobody should have to read, among some that everybody wants found."""

from pathlib import Path

from tests.ingest.hostile.archives import damaged, swollen
from tests.ingest.hostile.names import NAMES, put_names, put_things
from tests.ingest.hostile.samples import samples
from tests.ingest.hostile.texts import texts

GOOD = 20


def put(folder: Path) -> int:
    """Fills the folder; gives the number of hostile files."""
    hostile = {**texts(), **dict(swollen()), **dict(damaged(samples()))}
    (folder / "hostile").mkdir()
    for name, content in hostile.items():
        (folder / "hostile" / name).write_bytes(content)
    for name, put_some in (("names", put_names), ("things", put_things)):
        (folder / name).mkdir()
        put_some(folder / name)
    # Sorted, half of them come before all others and half after.
    for suffix, whole in samples().items():
        (folder / f"whole.{suffix}").write_bytes(whole)
    for n in range(GOOD):
        path = folder / f"{'az'[n % 2]}-good-{n}.md"
        path.write_text(f"# Good {n}\n\nThe lamp number {n} is called unmistakable{n}.\n")
    things = sum(1 for _ in (folder / "things").iterdir())
    return len(hostile) + len(NAMES) + things
