"""The only place that names concrete parts and joins them."""

import logging
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from trinax.access import modes
from trinax.access.database import check
from trinax.answering.attaching import Attaching
from trinax.answering.chat import Chat
from trinax.answering.completing import Completing
from trinax.answering.ranking import INFO as BUILT_IN_RANKING
from trinax.answering.ranking import Rankers, TextRanker
from trinax.answering.reach import Reach
from trinax.answering.research.research import Research
from trinax.backup.sources import InUse
from trinax.backup.switching import settle
from trinax.conversion import secret
from trinax.embedding.cache import CachedEmbedder, VectorCache
from trinax.embedding.ports import Embedder
from trinax.embedding.static import ID as STATIC_EMBEDDER
from trinax.embedding.static import StaticEmbedder
from trinax.errors import BadSetting
from trinax.index.ledger import Ledger
from trinax.index.lock import FolderLock
from trinax.index.ports import Embedders as Formers
from trinax.index.ports import Store
from trinax.index.registry import Registry
from trinax.index.upkeep import Upkeep
from trinax.ingest.ingest import Ingest
from trinax.ingest.loose import Loose
from trinax.ingest.manager import Manager
from trinax.ingest.uploads import failure
from trinax.models.catalogue.catalogue import Catalogue, Installed
from trinax.models.extractive.generator import ExtractiveGenerator
from trinax.models.fingerprints import embedder_of
from trinax.models.pool import Pool, Wiring
from trinax.models.ports import Generator, ModelInfo, Ranker
from trinax.retrieval.retriever import AT_ONCE, AT_ONCE_REMOTE, Retriever
from trinax.settings import Settings
from trinax.web.agents.listing import ListTool
from trinax.web.agents.reading import ReadTool
from trinax.web.agents.research import ResearchTool
from trinax.web.agents.search import SearchTool
from trinax.web.agents.surface import Agents
from trinax.web.agents.tool import Tool
from trinax.web.background import Background
from trinax.web.backups import Backups
from trinax.web.collections.surface import Collections
from trinax.web.metrics.readings import Observed, Readings, Remembering
from trinax.web.metrics.recording import Recorder
from trinax.web.metrics.surface import Metrics
from trinax.web.native.catalogue import NativeCatalogue
from trinax.web.native.embedding import NativeEmbedder
from trinax.web.native.task import Tasks
from trinax.web.native.web_search import WebSearch
from trinax.web.native.writing import NativeWriter
from trinax.web.ollama.catalogue import OllamaCatalogue
from trinax.web.ollama.embedding import OllamaEmbedder
from trinax.web.ollama.writing import OllamaWriter
from trinax.web.openai.chat import ChatCompletions
from trinax.web.openai.completions.surface import Completions
from trinax.web.openai.embeddings import Embeddings
from trinax.web.openai.models import Models
from trinax.web.openai.rerank import Rerank
from trinax.web.openai.responses.surface import Responses
from trinax.web.openai.vector_stores.surface import VectorStores
from trinax.web.operations import Described, Operations
from trinax.web.playground import Root
from trinax.web.research import Reports
from trinax.web.routes import Surface, routes
from trinax.web.search import Search
from trinax.web.server import server
from trinax.web.sources.freshness import Freshness
from trinax.web.sources.reading import Reading
from trinax.web.sources.sources import Sources
from trinax.web.wire.embedding import Embedders
from trinax.websearch.configuration import web
from trinax.websearch.web import Web

log = logging.getLogger(__name__)

BUILT_IN_EMBEDDING = ModelInfo(STATIC_EMBEDDER, "embed", roles=("embed",))


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that runs, for the server and for commands that work in their own process.
    web: None where it is off."""

    settings: Settings
    ingest: Ingest
    manager: Manager
    reach: Reach
    chat: Chat
    research: Research
    pool: Pool
    registry: Registry
    ledger: Ledger
    embedder: Embedder
    upkeep: Upkeep
    background: Background
    recorder: Recorder

    @property
    def retriever(self) -> Retriever:
        return self.reach.retriever

    @property
    def web(self) -> Web | None:
        return self.reach.web


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """The parts over one data folder, closed in order at the end; nothing is indexed by itself.

    Raises StoreLocked if another process owns the folder, and what the parts raise that cannot
    work as configured: ModelNotFound, ModelFailed, NewerData.
    """
    with ExitStack() as stack:
        parts = await anyio.to_thread.run_sync(_opened, settings, stack)
        try:
            yield parts
        finally:
            with anyio.CancelScope(shield=True):
                await parts.background.close()
                await parts.ingest.close()
                await anyio.to_thread.run_sync(stack.close)


@contextmanager
def indexes(settings: Settings) -> Iterator[tuple[Registry, Registry]]:
    """Of a data folder at rest: the index in it, and the one on the server of index.url.

    Raises StoreLocked, BadSetting, and StoreFailed if the server cannot be reached.
    """
    if not settings.index.url:
        raise BadSetting("index.url", "the configuration", "the address of a Qdrant server")
    with ExitStack() as stack:
        stack.callback(FolderLock(settings.data_dir).close)
        embedder = _embedder(settings, Catalogue(settings.models_dir))
        stack.callback(embedder.close)
        here = _edge(settings, embedder, lambda _: None)
        stack.callback(here.close)
        there = _cluster(settings, embedder, lambda _: None, stack)
        stack.callback(there.close)
        yield here, there


def build(settings: Settings) -> Starlette:
    """The server; its lifespan opens the parts and starts indexing in the background."""

    @asynccontextmanager
    async def running() -> AsyncIterator[list[BaseRoute]]:
        async with open_parts(settings) as parts:
            await parts.ingest.start()
            parts.pool.start()
            parts.upkeep.start()
            limit_bytes = settings.server.body_limit_bytes
            yield [*routes(surfaces(parts), limit_bytes, settings.attachments.limit_bytes)]

    return server(settings, running)


def _opened(settings: Settings, stack: ExitStack) -> Parts:
    """stack: takes what has to be closed, the last one first."""
    # Libraries make files too, so it is for the whole process; given back in the end.
    stack.callback(os.umask, os.umask(modes.MASK))
    try:
        settings.data_dir.mkdir(modes.FOLDER, parents=True, exist_ok=True)
    except OSError as exc:
        raise failure(exc, "Making the data folder") from exc
    stack.callback(FolderLock(settings.data_dir).close)
    if aside := settle(settings.data_dir, settings.models_dir):
        log.warning("A restore is complete now; what was in the data folder is in %s.", aside)
    check(settings.data_dir)
    if left := modes.tighten(settings.data_dir, settings.models_dir):
        log.warning("%d files of the data folder can be read by others on this machine.", len(left))
    ledger = Ledger(settings.data_dir / "ledger.sqlite")
    stack.callback(ledger.close)
    catalogue = Catalogue(settings.models_dir)
    embedder = _embedder(settings, catalogue)
    stack.callback(embedder.close)
    recorder = Recorder()
    wiring = replace(_wiring(settings, embedder), told=recorder.generated)
    writers = [ExtractiveGenerator(wiring.light), *_upstreams(settings)]
    pool = Pool(catalogue, settings.models, writers, [BUILT_IN_EMBEDDING, BUILT_IN_RANKING], wiring)
    stack.callback(pool.close)
    registry = _registry(settings, embedder, pool, stack)
    upkeep = Upkeep(registry)
    stack.callback(upkeep.close)
    retriever = Retriever(
        registry,
        embedder,
        settings.retrieval,
        recorder.searched,
        AT_ONCE_REMOTE if settings.index.url else AT_ONCE,
    )
    ingest = Ingest(settings, registry, ledger, embedder)
    light = wiring.light or embedder
    attaching = Attaching(Loose(settings.attachments.limit_s).read, light, settings)
    reach = Reach(retriever, attaching, web(settings, light))
    return Parts(
        settings=settings,
        ingest=ingest,
        manager=Manager(settings, ingest, registry, ledger),
        reach=reach,
        chat=Chat(reach, pool, settings, ingest.unfinished, recorder.answered),
        research=Research(reach, registry, pool, settings, ingest.unfinished),
        pool=pool,
        registry=registry,
        ledger=ledger,
        embedder=embedder,
        upkeep=upkeep,
        background=Background(),
        recorder=recorder,
    )


def _embedder(settings: Settings, catalogue: Catalogue) -> Embedder:
    model = settings.embedding.model
    if model == STATIC_EMBEDDER:
        return StaticEmbedder()
    file = catalogue.path(model)
    # llama_cpp takes 0.8 s to import, which who embeds without it need not wait for.
    from trinax.embedding.llama import LlamaEmbedder

    loaded = LlamaEmbedder(model, file, settings.models.gpu_layers, settings.models.threads)
    return CachedEmbedder(loaded, VectorCache(settings.data_dir / "vectors.sqlite"))


def _wiring(settings: Settings, embedder: Embedder) -> Wiring:
    gpu_layers, threads = settings.models.gpu_layers, settings.models.threads

    def open_embedder(model: Installed) -> Embedder:
        from trinax.embedding.llama import LlamaEmbedder

        return LlamaEmbedder(model.info.id, model.path, gpu_layers, threads)

    def open_ranker(model: Installed) -> Ranker:
        from trinax.models.ranking.llama import LlamaRanker

        return LlamaRanker(model.info.id, model.path, gpu_layers, threads)

    light = embedder if embedder.id == STATIC_EMBEDDER else StaticEmbedder()
    own = [embedder] if light is embedder else [embedder, light]
    parked_dir = settings.data_dir / "parked" if settings.models.park else None
    return Wiring(open_embedder, open_ranker, own, light, settings.roles, parked_dir)


def _upstreams(settings: Settings) -> Sequence[Generator]:
    if not settings.upstreams:
        return ()
    # httpx takes 0.1 s to import, which a server without upstreams need not wait for.
    from trinax.models.upstream.configuration import generators

    return generators(settings)


def _registry(settings: Settings, embedder: Embedder, pool: Pool, stack: ExitStack) -> Registry:
    if not (settings.ingest.enabled or settings.index.url):
        raise BadSetting("ingest.enabled", "the configuration", "true where index.url is empty")
    former = partial(embedder_of, pool=pool)
    if settings.index.url:
        registry = _cluster(settings, embedder, former, stack)
    else:
        registry = _edge(settings, embedder, former)
    stack.callback(registry.close)
    return registry


def _edge(settings: Settings, embedder: Embedder, former: Formers) -> Registry:
    from trinax.index.edge import EdgeStore

    folder = settings.data_dir / "index"
    folder.mkdir(modes.FOLDER, exist_ok=True)

    width, fingerprint = embedder.width, embedder.fingerprint

    def opened(collection: str) -> Store:
        return EdgeStore(folder / collection, collection, width, fingerprint, former)

    return Registry(opened, [entry.name for entry in folder.iterdir() if entry.is_dir()])


def _cluster(settings: Settings, embedder: Embedder, former: Formers, stack: ExitStack) -> Registry:
    # qdrant_client takes a second to import, which a server without a cluster need not wait for.
    from trinax.index.cluster import ClusterStore
    from trinax.index.cluster_reader import ClusterReader
    from trinax.index.remote import Server as Qdrant

    place = settings.index
    key = secret("index.api_key", place.api_key, place.api_key_file, settings.base)
    qdrant = Qdrant(replace(place, api_key=key))
    stack.callback(qdrant.close)
    width, fingerprint = embedder.width, embedder.fingerprint
    if settings.ingest.enabled:
        return Registry(
            lambda id: ClusterStore(qdrant, id, width, fingerprint, former), qdrant.known()
        )
    return Registry(
        lambda id: ClusterReader(qdrant, id, width, fingerprint, former),
        qdrant.known(),
        qdrant.serving,
    )


def surfaces(parts: Parts) -> list[Surface]:
    """What the server shows of the parts; of two that match a request the first is taken."""
    embedders = Embedders(parts.embedder, parts.pool)
    completing = Completing(parts.pool, parts.settings)
    shown: list[Surface] = [
        Root(),
        Operations(lambda: parts.ingest.ready),
        Metrics(parts.recorder, Readings(observed(parts))),
        ChatCompletions(parts.chat),
        Responses(parts.chat),
        Completions(completing),
        Models(parts.pool),
        Embeddings(embedders),
        Rerank(Rankers(parts.pool, TextRanker(parts.pool.light_embedder or parts.embedder))),
        OllamaCatalogue(parts.pool, parts.settings.models),
        OllamaWriter(parts.chat, completing, parts.pool),
        OllamaEmbedder(embedders),
        NativeCatalogue(parts.pool, parts.settings.models),
        NativeWriter(parts.chat, completing),
        NativeEmbedder(embedders),
        Tasks(parts.chat, parts.pool),
        WebSearch(parts.web),
        Search(parts.reach),
        VectorStores(parts.retriever, parts.ingest, parts.settings.retrieval.confidence_threshold),
        Reports(parts.research),
        Sources(parts.registry, parts.ingest, parts.ledger),
        Collections(parts.ingest, parts.manager, parts.settings),
        Backups(in_use(parts), parts.settings),
        Agents(tools(parts), parts.background, parts.settings.server.body_limit_bytes),
    ]
    return [*shown, Described(shown)]


def observed(parts: Parts) -> Observed:
    """What tells monitoring how it is."""
    settings, embedder = parts.settings, parts.embedder
    remembering: Remembering | None = embedder if isinstance(embedder, CachedEmbedder) else None
    return Observed(
        parts.ingest,
        parts.pool,
        parts.registry,
        parts.upkeep,
        parts.web,
        remembering,
        settings.data_dir,
        None if settings.index.url else settings.data_dir / "index",
        settings.ingest.enabled,
    )


def in_use(parts: Parts) -> InUse:
    """What a backup is made of while the parts work."""
    return InUse(parts.settings.data_dir, parts.registry, parts.ledger, parts.ingest.looking)


def tools(parts: Parts) -> list[Tool]:
    """What agents may do here."""
    reading = Reading(parts.registry, parts.ingest)
    freshness = Freshness(parts.registry, parts.ingest, parts.ledger)
    return [
        SearchTool(parts.retriever, parts.ingest.unfinished).tool,
        ReadTool(reading, freshness).tool,
        ResearchTool(parts.research).tool,
        ListTool(parts.ingest).tool,
    ]
