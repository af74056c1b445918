import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from tests.browser.server import ADMIN_TOKEN
from tests.browser.visitor import DESKTOP, Visitor
from tests.serving import served

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DRIVER = "chromedriver"


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    browser, driver = next(filter(None, map(which, BROWSERS)), None), which(DRIVER)
    if browser is None or driver is None:
        pytest.skip("no browser here (Debian: apt install chromium chromium-driver)")
    options = ChromeOptions()
    options.binary_location = browser
    # Small containers have little shared memory; and root no sandbox.
    alone = ["--no-sandbox"] if os.geteuid() == 0 else []
    for flag in ("--headless=new", "--disable-dev-shm-usage", "--lang=en", *alone):
        options.add_argument(flag)
    downloads = str(tmp_path_factory.mktemp("downloads"))
    options.add_experimental_option("prefs", {"download.default_directory": downloads})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with Chrome(options=options, service=Service(driver)) as chrome:
        yield chrome


@contextmanager
def house(folder: Path, name: str) -> Iterator[str]:
    """The address of tests.browser.server with one of its houses."""
    with served("tests.browser.server", str(folder), name) as url:
        yield url


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with house(tmp_path_factory.mktemp("server"), "open") as url:
        yield url


@pytest.fixture(scope="session")
def guarded_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a server that asks everybody for a key, and whose models say what they are told to."""
    with house(tmp_path_factory.mktemp("guarded"), "guarded") as url:
        yield url


@pytest.fixture
def visitor(driver: Chrome, url: str) -> Iterator[Visitor]:
    yield from _visiting(driver, url)


@pytest.fixture
def neighbour(visitor: Visitor) -> Iterator[Visitor]:
    """At another machine of the LAN."""
    visitor.come_from("192.168.1.50")
    yield visitor
    visitor.come_from("")


@pytest.fixture
def stranger(driver: Chrome, guarded_url: str) -> Iterator[Visitor]:
    """In front of a server that lets nobody in."""
    yield from _visiting(driver, guarded_url)


@pytest.fixture
def audience(stranger: Visitor) -> Visitor:
    """With the token, in front of models that say what they are told to."""
    stranger.run("sessionStorage.setItem('trinax.token', arguments[0])", ADMIN_TOKEN)
    return stranger


def _visiting(driver: Chrome, url: str) -> Iterator[Visitor]:
    visitor = Visitor(driver, url)
    visitor.resize(DESKTOP)
    visitor.forget()
    yield visitor
    assert visitor.complaints() == []
    # Ends what it still listens to.
    driver.get("about:blank")
