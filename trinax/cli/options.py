"""What commands share: their places, their settings, and JSON as output."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from trinax.configuration import load
from trinax.llama.machine import machine_bytes
from trinax.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

FOLDERS = {"data_dir": "data", "collections_dir": "collections", "models_dir": "models"}

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _remember(ctx: click.Context, option: click.Parameter, value: Path | None) -> None:
    # One dictionary for the group and its command: options count before and after its name.
    places: dict[str, Path] = ctx.find_root().ensure_object(dict)
    if value is not None and option.name is not None:
        places[option.name] = value


def _place(name: str, kind: click.Path, text: str) -> Callable[[Command], Command]:
    return click.option(name, type=kind, callback=_remember, expose_value=False, help=text)


def places(command: Command) -> Command:
    folder = click.Path(file_okay=False, resolve_path=True, path_type=Path)
    file = click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path)
    for option in (
        _place("--models-dir", folder, "GGUF files; models in the data folder if not set."),
        _place("--collections-dir", folder, "Each folder in it is a collection."),
        _place("--data-dir", folder, "The index and everything else that trinax writes."),
        _place("--config", file, "A TOML file; ./trinax.toml if there is one."),
    ):
        command = option(command)
    return command


def configured(**server: Any) -> Settings:
    places = click.get_current_context().find_root().ensure_object(dict)
    paths = {key: str(places[name]) for name, key in FOLDERS.items() if name in places}
    given = {key: value for key, value in server.items() if value is not None}
    flags = {"paths": paths, "server": given}
    return load(places.get("config"), flags=flags, memory_bytes=machine_bytes())


def config_file() -> Path | None:
    """The TOML file that counts."""
    named: Path | None = click.get_current_context().find_root().ensure_object(dict).get("config")
    own = Path("trinax.toml")
    return named or (own.resolve() if own.is_file() else None)


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
