from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest

from trinax.documents.records import Chunk
from trinax.embedding.ports import Embedder
from trinax.embedding.static import StaticEmbedder
from trinax.index import analysis
from trinax.index.edge import EdgeStore
from trinax.index.languages import language
from trinax.index.records import Entry, Passage
from trinax.index.registry import Registry
from trinax.retrieval.retriever import Retriever
from trinax.settings import Retrieval

# file → its chunks
Texts = Mapping[str, list[str]]
Fill = Callable[[str, Texts], None]

HANDBOOK: Texts = {
    "models.md": [
        "Adding a GGUF model. Copy the GGUF file into the models folder; trinax notices it within "
        "a second and lists it with `trinax models list`.",
        "The built-in model trinax-extract quotes the best sentences and cites them. It needs no "
        "download.",
    ],
    "install.md": [
        "Install trinax with pip on Linux, macOS and Windows. Python 3.11 or newer is needed.",
        "On Windows, open PowerShell and run py -m pip install trinax.",
    ],
    "search.md": [
        "Search fuses BM25 and dense scores. The weight of the dense side is set by "
        "retrieval.dense_weight.",
        "A filter limits the search to files that match a glob, such as docs/**.",
    ],
    "access.md": [
        "Create a key with `trinax keys create`. A revoked key is refused with 401.",
        "The admin token is read from TRINAX_ADMIN_TOKEN or from a file.",
    ],
    "es/copias.md": [
        "Las copias de seguridad se hacen con trinax backup y se recuperan con trinax restore.",
    ],
    "src/server.py": [
        "def parse_retry_after(header: str) -> float:\n"
        '    """Seconds to wait before the next request."""\n    return float(header)',
    ],
}


def entry(embedder: Embedder, collection: str, file: str, ordinal: int, text: str) -> Entry:
    chunk = Chunk(
        id=str(uuid5(NAMESPACE_URL, f"{collection}/{file}/{ordinal}/{text}")),
        text=text,
        context="",
        start_byte=0,
        end_byte=len(text.encode()),
        start_line=ordinal + 1,
        end_line=ordinal + 1,
        page=None,
        tokens=len(text.split()),
    )
    kind = "python" if file.endswith(".py") else "markdown"
    spoken = "" if kind == "python" else language(text)
    passage = Passage(collection, file, ordinal, chunk, kind, spoken, len(text), 0.0)
    terms = analysis.document_terms(text, "", file, spoken)
    return Entry(passage, embedder.passages([text])[0], terms)


def fill_with(registry: Registry, embedder: Embedder, collection: str, texts: Texts) -> None:
    registry.ensure(collection).replace(
        {
            file: tuple(entry(embedder, collection, file, i, text) for i, text in enumerate(parts))
            for file, parts in texts.items()
        }
    )


def opened(folder: Path, embedder: Embedder) -> Registry:
    return Registry(lambda id: EdgeStore(folder / id, id, embedder.width, embedder.fingerprint))


@pytest.fixture(scope="session")
def embedder() -> StaticEmbedder:
    return StaticEmbedder()


@pytest.fixture
def registry(tmp_path: Path, embedder: StaticEmbedder) -> Iterator[Registry]:
    with closing(opened(tmp_path, embedder)) as registry:
        yield registry


@pytest.fixture
def fill(registry: Registry, embedder: StaticEmbedder) -> Fill:
    return partial(fill_with, registry, embedder)


@pytest.fixture
def retriever(registry: Registry, embedder: StaticEmbedder) -> Retriever:
    return Retriever(registry, embedder, Retrieval())


@pytest.fixture(scope="session")
def handbook_registry(
    tmp_path_factory: pytest.TempPathFactory, embedder: StaticEmbedder
) -> Iterator[Registry]:
    with closing(opened(tmp_path_factory.mktemp("stores"), embedder)) as registry:
        fill_with(registry, embedder, "handbook", HANDBOOK)
        yield registry


@pytest.fixture
def handbook(handbook_registry: Registry, embedder: StaticEmbedder) -> Retriever:
    """A retriever over one collection, "handbook", which the tests only read."""
    return Retriever(handbook_registry, embedder, Retrieval())
