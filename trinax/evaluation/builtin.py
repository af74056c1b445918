"""The parts that an evaluation runs on unless told otherwise."""

from pathlib import Path

from trinax.embedding.static import StaticEmbedder
from trinax.evaluation.runner import Parts
from trinax.index.edge import EdgeStore
from trinax.index.ports import Store
from trinax.models.extractive.generator import ExtractiveGenerator
from trinax.models.ports import Generator
from trinax.settings import Retrieval


def parts(settings: Retrieval | None = None) -> Parts:
    """The built-in embedder and stores in this process."""
    embedder = StaticEmbedder()

    def open_store(collection: str, folder: Path) -> Store:
        return EdgeStore(folder, collection, embedder.width, embedder.fingerprint)

    return Parts(embedder, open_store, settings=settings or Retrieval())


def answerer(parts: Parts) -> Generator:
    """The one that quotes, as a server has it."""
    return ExtractiveGenerator(parts.embedder)
