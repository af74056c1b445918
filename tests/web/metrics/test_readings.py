from dataclasses import replace
from pathlib import Path

from tests.web.metrics.lines import Samples, samples, value
from trinax.app import observed, open_parts
from trinax.settings import Ingest, Settings, Web
from trinax.web.admission import Admission
from trinax.web.control import Control
from trinax.web.metrics import readings
from trinax.web.metrics.exposition import Exposition


async def shown(settings: Settings, limit: int = readings.COLLECTIONS) -> Samples:
    control = Control(settings, Admission(settings))
    async with open_parts(settings) as parts:
        await parts.ingest.reconcile()
        found = readings.Readings(observed(parts), limit)
        return samples(Exposition(read=lambda: found.all(control)).text().decode())


async def test_collections_beyond_the_limit_are_one(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d"):
        (tmp_path / "collections" / name).mkdir(parents=True)
        (tmp_path / "collections" / name / "note.md").write_text(f"The note of {name}.")
    settings = Settings(base=tmp_path, ingest=Ingest(scan_interval_s=0), web=Web(provider="off"))
    found = await shown(settings, limit=2)
    names = {dict(labels).get("collection") for _, labels in found} - {None}
    assert names == {"a", "b", "(others)"}
    others = {"collection": "(others)"}
    assert value(found, "trinax_collection_files", outcome="indexed", **others) == 2
    assert value(found, "trinax_collection_state", state="idle", **others) == 2
    assert value(found, "trinax_index_loose_chunks", **others) == 2


async def test_a_server_without_documents_has_metrics_too(tmp_path: Path) -> None:
    settings = Settings(base=tmp_path, ingest=Ingest(scan_interval_s=0))
    found = await shown(settings)
    assert value(found, "trinax_data_disk_free_bytes") > 0
    assert value(found, "trinax_web_searches_total", outcome="done") == 0
    assert sum(value for (name, _), value in found.items() if name == "trinax_unread_metrics") == 0


async def test_a_server_that_only_reads_does_not_tell_of_what_it_does_not_know(
    tmp_path: Path,
) -> None:
    (tmp_path / "collections" / "a").mkdir(parents=True)
    settings = Settings(base=tmp_path, ingest=Ingest(scan_interval_s=0), web=Web(provider="off"))
    async with open_parts(settings) as parts:
        await parts.ingest.reconcile()
        reader = replace(observed(parts), index_dir=None, indexes=False)
        control = Control(settings, Admission(settings))
        names = {one.metric.name for one in readings.Readings(reader).all(control)}
    assert not names & {"trinax_collection_lag_seconds", "trinax_reconciles_total"}
    assert not names & {"trinax_index_size_bytes", "trinax_index_loose_chunks"}
    assert "trinax_collection_chunks" in names
