from collections.abc import Iterator

import pytest

from tests.websearch.site import Names, Site, StandIns, open_site
from trinax.settings import Web
from trinax.websearch.connection import Connection
from trinax.websearch.fetching import Fetcher

HOST = "pages.example"
# Enough on a busy machine; tests that wait for an end have less.
LIMITS = Web(timeout_s=20, page_timeout_s=20, page_limit_bytes=20_000)


@pytest.fixture(scope="module")
def opened_site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture
def site(opened_site: Site) -> Site:
    opened_site.pages.clear()
    opened_site.asked.clear()
    opened_site.gone.clear()
    return opened_site


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def network(names: Names) -> StandIns:
    """HOST is on this machine, what names knows is not."""
    return StandIns(names, HOST)


@pytest.fixture
def fetcher(network: StandIns) -> Fetcher:
    return Fetcher(Connection(), network, LIMITS)
