"""What the server says of itself: no secret, and no path that tells where things lie."""

import logging
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import trinax
from trinax.access.admin_token import admin_token
from trinax.settings import Settings

FORMAT = "%(levelname)s %(name)s: %(message)s"
SECRET = "***"
# Shorter ones would hide parts of ordinary words.
LEAST_CHARACTERS = 4


class Discreet(logging.Formatter):
    """Puts words in the place of texts, in tracebacks too. words: text → what is written."""

    def __init__(self, words: Mapping[str, str]) -> None:
        super().__init__(FORMAT)
        # The longest first: the data folder lies in others that are hidden.
        self._words = sorted(words.items(), key=lambda each: -len(each[0]))

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for text, word in self._words:
            line = line.replace(text, word)
        return line


def begin(settings: Settings) -> None:
    """To stderr. Raises BadSetting for an admin token that cannot be read."""
    handler = logging.StreamHandler()
    handler.setFormatter(Discreet(hidden(settings)))
    logging.basicConfig(handlers=[handler])


def hidden(settings: Settings) -> dict[str, str]:
    """Secrets and absolute paths → what a log says instead."""
    secrets = {text: SECRET for text in _secrets(settings) if len(text) >= LEAST_CHARACTERS}
    return {**_places(settings), **secrets}


def _secrets(settings: Settings) -> Iterator[str]:
    yield admin_token(settings)
    yield settings.web.key
    yield settings.index.api_key
    yield settings.models.hub_token
    yield from (upstream.key for upstream in settings.upstreams.values())


def _places(settings: Settings) -> dict[str, str]:
    named = {
        Path(sys.prefix): "PYTHON",
        Path(sys.base_prefix): "PYTHON",
        Path(trinax.__file__).parents[1]: "TRINAX",
        Path.home(): "~",
        settings.base: "BASE",
        settings.collections_dir: "COLLECTIONS",
        settings.models_dir: "MODELS",
        settings.data_dir: "DATA",
    }
    for id, folders in settings.roots.items():
        named |= {settings.base / folder: f"ROOT:{id}" for folder in folders}
    return {
        str(path): word
        for place, word in named.items()
        for path in (place.absolute(), place.resolve())
        if path != Path(path.anchor)
    }
