from dataclasses import replace
from pathlib import Path

import pytest

from trinax.embedding.static import StaticEmbedder
from trinax.errors import BadSetting
from trinax.settings import Settings, Web
from trinax.websearch.configuration import web


def opened(settings: Web, base: Path = Path()) -> object:
    return web(Settings(base=base, web=settings), StaticEmbedder())


def test_it_can_be_off() -> None:
    assert opened(Web(provider="off")) is None


@pytest.mark.parametrize(
    "settings",
    [
        Web(),
        Web(provider="searxng", url="http://search.lan:8080/searx"),
        Web(provider="brave", key="BSA-1"),
        Web(pages=0),
    ],
)
def test_each_provider_opens_without_the_network(settings: Web) -> None:
    assert opened(settings) is not None


def test_the_key_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "brave.key").write_text("BSA-1\n")
    assert opened(Web(provider="brave", key_file="brave.key"), tmp_path) is not None


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (Web(provider="searxng"), "web.url"),
        (Web(provider="searxng", url="search.lan"), "web.url"),
        (Web(provider="searxng", url="ftp://search.lan"), "web.url"),
        (Web(provider="searxng", url="http://me:secret@search.lan"), "web.url"),
        (Web(provider="searxng", url="http://search.lan:port"), "web.url"),
        (Web(provider="brave"), "web.key"),
        (Web(provider="brave", key="BSA secret"), "web.key"),
        (Web(provider="brave", key="BSA", key_file="a"), "web.key_file"),
        (Web(provider="brave", key_file="gone"), "web.key_file"),
        (Web(timeout_s=0), "web.timeout_s"),
        (Web(pages=-1), "web.pages"),
        (Web(pages=21), "web.pages"),
        (Web(page_timeout_s=0), "web.page_timeout_s"),
        (Web(page_limit_bytes=0), "web.page_limit_bytes"),
    ],
)
def test_what_cannot_work_is_said_at_the_start(settings: Web, key: str) -> None:
    with pytest.raises(BadSetting, match=f"'{key}'") as failure:
        opened(settings)
    assert "secret" not in str(failure.value)


def test_a_key_is_never_shown() -> None:
    assert "BSA-1" not in repr(replace(Settings(), web=Web(key="BSA-1")))
