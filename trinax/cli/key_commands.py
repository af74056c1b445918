"""The commands for API keys."""

from typing import Any

import click

from trinax.cli import completing
from trinax.cli.options import configured, json_option, places, print_json


@click.group()
@places
def keys() -> None:
    """API keys: who may use the server, and for what."""


@keys.command("create")
@click.option("--name", required=True, help="Of whoever uses it, for lists and logs.")
@click.option("--scopes", default="chat,search", show_default=True, metavar="LIST",
              help="Of chat, search, browse, ingest, research, metrics; admin is all.")  # fmt: skip
@click.option("--collections", metavar="LIST", help="Only these ids; all if not set.")
@click.option("--models", metavar="LIST", help="Only these ids; auto leaves the choice to trinax.")
@click.option("--plan", default="free", show_default=True, help="none for no limits.")
@click.option("--expires", default="never", show_default=True, metavar="TIME", help="As in 90d.")
@json_option
@places
def create_key(as_json: bool, **wanted: Any) -> None:
    """Make a key and print it, this once: only a hash of it is kept."""
    settings = configured()
    from trinax.cli.keys import Wanted, create

    _print_key(create(settings, Wanted(**wanted)), as_json)


@keys.command("list")
@json_option
@places
def list_keys(as_json: bool) -> None:
    """List the keys, what each allows and when it was last used."""
    settings = configured()
    from trinax.cli import keys, tables

    rows = keys.listed(settings)
    print_json(rows) if as_json else tables.show_keys(rows)


@keys.command("revoke")
@click.argument("key", metavar="NAME|ID|PREFIX", shell_complete=completing.keys)
@json_option
@places
def revoke_key(key: str, as_json: bool) -> None:
    """End a key for good, within a second on a server that runs."""
    settings = configured()
    from trinax.cli.keys import revoke

    row = revoke(settings, key)
    print_json(row) if as_json else click.echo(f"{row['name']} is revoked.")


@keys.command("rotate")
@click.argument("key", metavar="NAME|ID|PREFIX", shell_complete=completing.keys)
@json_option
@places
def rotate_key(key: str, as_json: bool) -> None:
    """Give a key a new secret and print it, this once; the old one ends."""
    settings = configured()
    from trinax.cli.keys import rotate

    _print_key(rotate(settings, key), as_json)


def _print_key(row: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(row)
        return
    click.echo(row["key"])
    click.echo(f"This is the key {row['name']!r}. It is not shown again.", err=True)
