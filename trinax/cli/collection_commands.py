"""The commands for collections."""

import sys
from pathlib import Path

import click

from trinax.cli import completing
from trinax.cli.options import configured, json_option, places, print_json

_id = click.argument("collection", metavar="ID", shell_complete=completing.collections)


@click.group()
@places
def collections() -> None:
    """Folders that are indexed and watched."""


@collections.command("list")
@json_option
@places
def list_collections(as_json: bool) -> None:
    """List the collections and how far their indexing is."""
    settings = configured()
    from trinax.cli import indexing, tables

    listed = indexing.collections(settings)
    if as_json:
        print_json(listed)
    else:
        tables.show_collections(listed, settings.collections_dir)


@collections.command("show")
@_id
@json_option
@places
def show_collection(collection: str, as_json: bool) -> None:
    """Show a collection with the files that could not be read or were left out."""
    settings = configured()
    from trinax.cli import managing, tables

    status = managing.show(settings, collection)
    print_json(status) if as_json else tables.show_collection(status)


@collections.command("create")
@_id
@click.option("--root", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Index this folder where it is; an empty one is made if not set.")  # fmt: skip
@json_option
@places
def create_collection(collection: str, root: Path | None, as_json: bool) -> None:
    """Make a collection."""
    settings = configured()
    from trinax.cli import managing

    status = managing.create(settings, collection, root)
    print_json(status) if as_json else click.echo(f"{status['id']} is there.")


@collections.command("rename")
@_id
@click.argument("new", metavar="NEW-ID")
@json_option
@places
def rename_collection(collection: str, new: str, as_json: bool) -> None:
    """Give a collection another id; nothing is embedded again."""
    settings = configured()
    from trinax.cli import managing

    status = managing.rename(settings, collection, new)
    print_json(status) if as_json else click.echo(f"{collection} is {status['id']} now.")


@collections.command("delete")
@_id
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@places
def delete_collection(collection: str, yes: bool, as_json: bool) -> None:
    """Take a collection out of the index.

    Folders outside stay as they are; the collection's own folder is moved aside, not deleted.
    """
    settings = configured()
    from trinax.cli import managing

    if not yes:
        click.confirm(f"Delete the collection {collection}?", abort=True, err=True)
    deleted = managing.delete(settings, collection)
    if as_json:
        print_json(deleted)
        return
    click.echo(f"{collection} is deleted.")
    if where := deleted["moved_to"]:
        click.echo(f"Its files are in {settings.collections_dir / where} now.")


@collections.command("pause")
@_id
@json_option
@places
def pause_collection(collection: str, as_json: bool) -> None:
    """Leave the index of a collection as it is; searches go on."""
    settings = configured()
    from trinax.cli import managing

    status = managing.change(settings, collection, "pause")
    print_json(status) if as_json else click.echo(f"{collection} is paused.")


@collections.command("resume")
@_id
@json_option
@places
def resume_collection(collection: str, as_json: bool) -> None:
    """Go on with a paused collection."""
    settings = configured()
    from trinax.cli import managing

    status = managing.change(settings, collection, "resume")
    print_json(status) if as_json else click.echo(f"{collection} is indexed again.")


@collections.command("export")
@_id
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="ID.tar if not set.")  # fmt: skip
@json_option
@places
def export_collection(collection: str, output: Path | None, as_json: bool) -> None:
    """Write the documents of a collection, with their vectors, into one file."""
    settings = configured()
    from trinax.cli import managing, terminal

    file = output or Path(f"{collection}.tar")
    size_bytes = managing.export(settings, collection, file)
    if as_json:
        print_json({"id": collection, "file": str(file), "bytes": size_bytes})
    else:
        click.echo(f"{collection} is in {file}, {terminal.size(size_bytes)}.")


@collections.command("import")
@_id
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@places
def import_collection(collection: str, file: Path, as_json: bool) -> None:
    """Put the documents of an exported FILE into a collection, which is made if there is none."""
    settings = configured()
    from trinax.cli import managing, tables

    taken = managing.take_in(settings, collection, file)
    print_json(taken) if as_json else tables.show_imported(taken)


@collections.command("upload")
@_id
@click.argument("paths", nargs=-1, required=True, metavar="PATH...",
                type=click.Path(exists=True, path_type=Path))  # fmt: skip
@json_option
@places
def upload_files(collection: str, paths: tuple[Path, ...], as_json: bool) -> None:
    """Copy files, and folders with all that is in them, into a collection's own folder."""
    settings = configured()
    from trinax.cli import managing, tables

    taken = managing.upload(settings, collection, paths)
    print_json(taken) if as_json else tables.show_uploaded(taken)
    sys.exit(0 if taken["files"] else 1)


@collections.command("move")
@click.argument("collections", nargs=-1, metavar="[ID...]")
@click.option("--to", type=click.Choice(["cluster", "embedded"]), required=True,
              help="The Qdrant server of index.url, or the data folder.")  # fmt: skip
@json_option
@places
def move_collections(collections: tuple[str, ...], to: str, as_json: bool) -> None:
    """Copy the index of collections, all of them without an ID, between the data folder and a
    Qdrant server; nothing is embedded again.

    No server may run on the data folder. What is copied stays where it was too.
    """
    settings = configured()
    from trinax.cli import transferring

    moved = transferring.move(settings, to == "cluster", collections)
    if as_json:
        print_json({"collections": moved})
        return
    for one in moved:
        click.echo(f"{one['id']}: {one['chunks']} chunks are there.")
