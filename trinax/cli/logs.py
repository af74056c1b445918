"""What the server says of itself: no secret, and no path that tells where things lie."""

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trinax
from trinax.access.admin_token import admin_token
from trinax.settings import Settings
from trinax.web.request_ids import REQUEST_ID

FORMAT = "%(levelname)s %(name)s: %(message)s"
SECRET = "***"
# Shorter ones would hide parts of ordinary words.
LEAST_CHARACTERS = 4


class Discreet(logging.Formatter):
    """Puts words in the place of texts, in tracebacks too."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """words: text → what is written."""
        super().__init__(FORMAT)
        self._words: dict[str, str] = {}
        self.learn(words)

    def learn(self, words: Mapping[str, str]) -> None:
        """Further ones, beside those that were known."""
        known = self._words | dict(words)
        # The longest first: the data folder lies in others that are hidden.
        self._words = dict(sorted(known.items(), key=lambda each: -len(each[0])))

    def format(self, record: logging.LogRecord) -> str:
        request = REQUEST_ID.get()
        said = super().formatMessage(_spoken(record)) + (f" [{request}]" if request else "")
        return self.hidden("\n".join([said, *_traces(self, record)]))

    def hidden(self, text: str) -> str:
        for secret, word in self._words.items():
            text = text.replace(secret, word)
        return text


class Structured(Discreet):
    """A JSON object for each line. time: in UTC. request: the x-request-id that it is about."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said: dict[str, Any] = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.hidden(record.getMessage()),
        }
        if request := REQUEST_ID.get():
            said["request"] = request
        said |= getattr(record, "fields", {})
        if traces := _traces(self, record):
            said["exception"] = self.hidden("\n".join(traces))
        return json.dumps(said, ensure_ascii=False)


def begin(settings: Settings) -> Discreet:
    """To stderr, through what is returned. Raises BadSetting for an admin token that cannot be
    read."""
    kind = Structured if settings.logs.format == "json" else Discreet
    formatter = kind(hidden(settings))
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler])
    logging.getLogger("trinax").setLevel(settings.logs.level.upper())
    return formatter


def hidden(settings: Settings) -> dict[str, str]:
    """Secrets and absolute paths → what a log says instead."""
    secrets = {text: SECRET for text in _secrets(settings) if len(text) >= LEAST_CHARACTERS}
    return {**_places(settings), **secrets}


def _spoken(record: logging.LogRecord) -> logging.LogRecord:
    record.message = record.getMessage()
    return record


def _traces(formatter: logging.Formatter, record: logging.LogRecord) -> list[str]:
    traces = [formatter.formatException(record.exc_info)] if record.exc_info else []
    return [*traces, formatter.formatStack(record.stack_info)] if record.stack_info else traces


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
