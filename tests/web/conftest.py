import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from tests.web.conforming import conforming
from trinax.answering.chat import Chat
from trinax.answering.research.research import Research
from trinax.app import open_parts, surfaces
from trinax.models.catalogue.catalogue import Catalogue
from trinax.models.pool import Pool, Wiring
from trinax.models.ports import Generator
from trinax.settings import Access, Ingest, Settings, Web
from trinax.web.routes import routes
from trinax.web.server import server

LOOPBACK = "127.0.0.1"
LAN = "192.168.1.50"

GUIDE = """\
# Lighthouse handbook

## Lamp

The lamp of the lighthouse is lit at dusk and burns forty litres of paraffin each night.

## Keeper

The keeper of the lighthouse is called Marta Lindqvist. She repairs the foghorn every spring.
"""
TIMER = '''\
UNITS = {"h": 3600, "m": 60, "s": 1}


def parse_duration(text):
    """Seconds in a text such as 1h30m."""
    return sum(int(number) * UNITS[unit] for number, unit in PATTERN.findall(text))
'''


def folders(base: Path) -> Settings:
    """Settings over a new base folder with the collection "demo"."""
    demo = base / "collections" / "demo"
    demo.mkdir(parents=True)
    (demo / "guide.md").write_text(GUIDE)
    (demo / "timer.py").write_text(TIMER)
    return Settings(base=base, ingest=Ingest(scan_interval_s=0), web=Web(provider="off"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return folders(tmp_path)


def application(settings: Settings, *generators: Generator) -> Starlette:
    """The whole application with everything indexed; generators: models beside the built-in."""

    @asynccontextmanager
    async def running() -> AsyncIterator[list[BaseRoute]]:
        async with open_parts(settings) as parts:
            if generators:
                pool = Pool(
                    Catalogue(settings.models_dir),
                    settings.models,
                    generators,
                    wiring=Wiring(light=parts.embedder),
                )
                reach, unfinished = parts.reach, parts.ingest.unfinished
                chat = Chat(reach, pool, settings, unfinished)
                research = Research(reach, parts.registry, pool, settings, unfinished)
                parts = replace(parts, pool=pool, chat=chat, research=research)
            await parts.ingest.reconcile()
            limit_bytes = settings.server.body_limit_bytes
            yield [*routes(surfaces(parts), limit_bytes, settings.attachments.limit_bytes)]

    return server(settings, running)


def secrets(settings: Settings) -> list[str]:
    """What no answer may hold."""
    hidden = [str(settings.base), os.environ["PATH"], "Traceback (most recent", "site-packages/"]
    return [*hidden, *filter(None, [settings.access.admin_token])]


@contextmanager
def serving(
    settings: Settings, *generators: Generator, client: str = LOOPBACK
) -> Iterator[TestClient]:
    """A client of the application; client: the address that it is seen to come from."""
    app = application(settings, *generators)
    with TestClient(app, base_url=f"http://{LOOPBACK}", client=(client, 50000)) as http:
        yield conforming(http, secrets(settings))


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """For tests that change nothing."""
    with serving(folders(tmp_path_factory.mktemp("base"))) as http:
        yield http


@pytest.fixture
def fresh(settings: Settings) -> Iterator[TestClient]:
    """For tests that change files or collections."""
    with serving(settings) as http:
        yield http


@pytest.fixture
def lan(settings: Settings) -> Iterator[TestClient]:
    """As seen from another machine of the LAN, with an admin token configured."""
    guarded = replace(settings, access=Access(admin_token="s3cret"))
    with serving(guarded, client=LAN) as http:
        yield http
