"""The commands for backups."""

from pathlib import Path

import click

from trinax.cli.options import configured, json_option, places, print_json

_documents = click.option(
    "--documents/--no-documents", default=True, help="With those in the collections' own folders."
)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--verify", is_flag=True, help="Write nothing: compare what is in FILE.")
@_documents
@json_option
@places
def backup(file: Path, verify: bool, documents: bool, as_json: bool) -> None:
    """Write the index, ledger, keys and documents into one FILE; a server goes on meanwhile.

    Models and the configuration are not in it. FILE is compared with what was to be written before
    it gets its name.
    """
    settings = configured()
    from trinax.cli import saving

    held = saving.verify(file) if verify else saving.backup(settings, file, documents)
    print_json(held) if as_json else saving.show_held(held)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Move what is in the data folder aside, in it.")
@_documents
@json_option
@places
def restore(file: Path, force: bool, documents: bool, as_json: bool) -> None:
    """Put what a backup holds into the data folder, and documents back where they are missing.

    All of FILE is compared before anything is changed. Nothing is deleted or written over.
    """
    settings = configured()
    from trinax.cli import saving

    restored = saving.restore(settings, file, force, documents)
    print_json(restored) if as_json else saving.show_restored(restored)
