"""The application with a web of its own: SearXNG and a few pages, all on this machine."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from tests.web.conforming import conforming
from tests.web.conftest import LOOPBACK
from tests.websearch.conftest import HOST
from tests.websearch.site import Names, Put, Site, StandIns
from trinax.answering.chat import Chat
from trinax.app import Parts, open_parts, surfaces
from trinax.models.catalogue.catalogue import Catalogue
from trinax.models.pool import Pool, Wiring
from trinax.models.ports import Generator
from trinax.settings import Settings, Web
from trinax.web.routes import routes
from trinax.web.server import server
from trinax.websearch import web
from trinax.websearch.connection import Connection
from trinax.websearch.fetching import Fetcher
from trinax.websearch.searxng import SearxngProvider

LIMITS = Web(provider="searxng", url="http://127.0.0.1:9", page_timeout_s=20)


def finds(site: Site, *pages: tuple[str, str]) -> None:
    """pages: path on HOST and the snippet shown of it."""
    rows = [
        {"title": f"Page {path}", "url": site.at(HOST, path), "content": snippet}
        for path, snippet in pages
    ]
    body = json.dumps({"results": rows, "unresponsive_engines": []}).encode()
    site.put("/search", Put(body, "application/json"))


@contextmanager
def searching(settings: Settings, site: Site, *generators: Generator) -> Iterator[TestClient]:
    """A client of the application; generators: models beside the built-in."""
    settings = replace(settings, web=LIMITS)
    app = _application(settings, site, generators)
    with TestClient(app, base_url=f"http://{LOOPBACK}", client=(LOOPBACK, 50000)) as http:
        yield conforming(http)


def _application(settings: Settings, site: Site, generators: tuple[Generator, ...]) -> Starlette:
    @asynccontextmanager
    async def running() -> AsyncIterator[list[BaseRoute]]:
        async with open_parts(settings) as parts:
            await parts.ingest.reconcile()
            told = _with_web(parts, site, generators)
            yield [*routes(surfaces(told), settings.server.body_limit_bytes)]

    return server(settings, running)


def _with_web(parts: Parts, site: Site, generators: tuple[Generator, ...]) -> Parts:
    settings, pool = parts.settings, parts.pool
    if generators:
        models = Catalogue(settings.models_dir)
        pool = Pool(models, settings.models, generators, wiring=Wiring(light=parts.embedder))
    connection = Connection()
    searched = web.Web(
        SearxngProvider(connection, site.url, (), 20),
        Fetcher(connection, StandIns(Names(), HOST), settings.web),
        parts.embedder,
        settings,
    )
    reach = replace(parts.reach, web=searched)
    chat = Chat(reach, pool, settings, parts.ingest.unfinished)
    return replace(parts, chat=chat, reach=reach, pool=pool)
