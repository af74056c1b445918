"""What a shell is offered for the value of an argument or option."""

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

from trinax.cli.options import configured
from trinax.errors import TrinaxError
from trinax.settings import Settings

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
Words = Callable[[Settings], Iterable[str]]


def completer(words: Words) -> Completer:
    """Those words that begin with what is typed; none where the settings cannot be read."""

    def complete(
        ctx: click.Context, parameter: click.Parameter, typed: str
    ) -> list[CompletionItem]:
        try:
            with ctx.scope(cleanup=False):
                found = sorted(set(words(configured())))
        except (TrinaxError, OSError):
            return []
        return [CompletionItem(word) for word in found if word.startswith(typed)]

    return complete


def _collections(settings: Settings) -> Iterable[str]:
    from trinax.index.ledger import SCHEMA, added_roots
    from trinax.ingest.folders import listing

    own = listing(settings.collections_dir).folders
    return [*own, *settings.roots, *added_roots(settings.data_dir / SCHEMA.file)]


def _models(settings: Settings) -> Iterable[str]:
    from trinax.cli.installed import models

    return ["auto", *(row["id"] for row in models(settings))]


def _installed(settings: Settings) -> Iterable[str]:
    from trinax.cli.installed import models

    return [row["id"] for row in models(settings)]


def _roles(settings: Settings) -> Iterable[str]:
    from trinax.configuration import profile
    from trinax.llama.machine import machine_bytes

    return profile(settings.models.profile, machine_bytes()).recommended


def _keys(settings: Settings) -> Iterable[str]:
    from trinax.cli.keys import listed

    return [row["name"] for row in listed(settings)]


collections = completer(_collections)
models = completer(_models)
installed = completer(_installed)
roles = completer(_roles)
keys = completer(_keys)
