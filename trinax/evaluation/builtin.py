"""The parts that an evaluation runs on unless told otherwise."""

from pathlib import Path

from trinax.embedding.static import StaticEmbedder
from trinax.evaluation.runner import Parts
from trinax.index.edge import EdgeStore
from trinax.index.ports import Store
from trinax.settings import Retrieval


def parts(settings: Retrieval | None = None) -> Parts:
    """The built-in embedder and stores in this process."""
    embedder = StaticEmbedder()

    def open_store(collection: str, folder: Path) -> Store:
        return EdgeStore(folder, collection, embedder.width, embedder.fingerprint)

    return Parts(embedder, open_store, settings=settings or Retrieval())
