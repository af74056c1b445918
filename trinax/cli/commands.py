"""Every command's name, options and help; what it does is imported when it runs."""

import sys
from pathlib import Path
from typing import Any

import click

from trinax import __version__
from trinax.cli.backup_commands import backup, restore
from trinax.cli.collection_commands import collections
from trinax.cli.evaluation_commands import evaluate
from trinax.cli.key_commands import keys
from trinax.cli.options import configured, json_option, places, print_json
from trinax.cli.running import Refused
from trinax.errors import TrinaxError


class _Commands(click.Group):
    """Turns deliberate failures into one line on stderr and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (TrinaxError, Refused) as exc:
            raise click.ClickException(str(exc)) from exc


_folder = click.Path(exists=True, file_okay=False, path_type=Path)
_anywhere = click.Path(path_type=Path)
_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_report = click.Path(dir_okay=False, writable=True, path_type=Path)
_collections = click.option(
    "--collection", "collections", multiple=True, metavar="ID", help="Only here; repeatable."
)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="trinax")
@places
def main() -> None:
    """Point trinax at folders, ask, and check every citation."""


@main.command()
@click.option("--host", metavar="ADDRESS", help="Listen here; 0.0.0.0 for the whole network.")
@click.option("--port", type=click.IntRange(0, 65535), help="0 takes a free one.")
@places
def serve(host: str | None, port: int | None) -> None:
    """Serve the collections over HTTP until interrupted."""
    settings = configured(host=host, port=port)
    from trinax.cli.foreground import serve as run

    run(settings)


@main.command()
@click.argument("path", type=_folder)
@click.option("--collection", metavar="ID", help="Add the folder to this; named after it if not.")
@places
def index(path: Path, collection: str | None) -> None:
    """Index the folder PATH where it is, and remember it."""
    settings = configured()
    from trinax.cli.indexing import index as run

    failed = run(settings, path, collection)
    sys.exit(1 if failed else 0)


@main.command()
@click.argument("query")
@_collections
@click.option("--mode", type=click.Choice(["hybrid", "dense", "bm25"]), default="hybrid")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--per-file", type=click.IntRange(0, 100), help="Passages of one file; 0: no limit.")
@click.option("--merge/--no-merge", default=None, help="Make neighbouring passages one.")
@click.option("--explain", is_flag=True, help="Show where each score comes from.")
@json_option
@places
def search(query: str, collections: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """List the passages that match QUERY best."""
    settings = configured()
    from trinax.cli import asking, terminal

    found = asking.search(settings, {"query": query, **options}, collections)
    print_json(found) if as_json else terminal.show_hits(found)


@main.command()
@click.argument("question")
@_collections
@click.option("--attach", type=_file, multiple=True, metavar="FILE", help="Read too; repeatable.")
@click.option("--model", metavar="ID", default="auto", show_default=True)
@json_option
@places
def ask(
    question: str, collections: tuple[str, ...], attach: tuple[Path, ...], model: str, as_json: bool
) -> None:
    """Answer QUESTION from the collections and the files attached, with citations."""
    settings = configured()
    from trinax.cli import asking

    body = {
        "model": model,
        "messages": [{"role": "user", "content": question}],
        "attachments": asking.attachments(attach),
    }
    if as_json:
        print_json(asking.answer(settings, body, collections))
    else:
        asking.show_answer(settings, body, collections)


@main.command()
@click.argument("question")
@_collections
@click.option("--depth", type=click.IntRange(1, 3), default=2, show_default=True)
@click.option("--model", metavar="ID", default="auto", show_default=True)
@click.option("--output", type=_report, metavar="FILE", help="Write the report as Markdown too.")
@json_option
@places
def research(
    question: str,
    collections: tuple[str, ...],
    output: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Take QUESTION apart, search for each part, and write a report with footnotes.

    Depth 1 searches once, 2 for each part, 3 also for what is missing then.
    """
    settings = configured()
    from trinax.cli import researching

    if output:
        researching.check(output)
    body = {"query": question, **options}
    report = researching.research(settings, body, collections, aloud=not as_json)
    print_json(report) if as_json else researching.show_footnotes(report)
    if output:
        researching.write(output, question, report)


@main.group()
@places
def models() -> None:
    """What writes, embeds and quotes."""


@models.command("list")
@json_option
@places
def list_models(as_json: bool) -> None:
    """List the built-in models and the GGUF files in the models folder."""
    settings = configured()
    from trinax.cli import installed, terminal

    rows = installed.models(settings)
    if as_json:
        print_json(rows)
    else:
        terminal.show_models(rows, settings.models_dir)
        terminal.show_missing(*installed.missing(settings))


@models.command("pull")
@click.argument("what", metavar="REPO[:QUANTISATION]|ROLE")
@click.option("--file", default="", metavar="NAME", help="This file of the repository.")
@places
def pull_model(what: str, file: str) -> None:
    """Download a model into the models folder, or what is recommended for a role: fast, coder,
    general, deep, embed or rank. Interrupted, it goes on where it was."""
    settings = configured()
    from trinax.cli.pulling import pull

    click.echo(f"{pull(settings, what, file)} is in {settings.models_dir}, whole and verified.")


@models.command("show")
@click.argument("model", metavar="ID")
@json_option
@places
def show_model(model: str, as_json: bool) -> None:
    """Show what is known of a model, and the memory that it needs."""
    settings = configured()
    from trinax.cli import installed, terminal

    row = installed.show(settings, model)
    print_json(row) if as_json else terminal.show_model(row)


@models.command("remove")
@click.argument("model", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@places
def remove_model(model: str, yes: bool) -> None:
    """Delete a model's files from the models folder."""
    settings = configured()
    from trinax.cli import installed

    paths = installed.files(settings, model)
    if not yes:
        click.confirm("\n".join(["Delete", *map(str, paths), "?"]), abort=True)
    for path in paths:
        path.unlink()
    click.echo(f"{model} is removed.")


main.add_command(backup)
main.add_command(restore)
main.add_command(collections)
main.add_command(keys)
main.add_command(evaluate)


@main.command()
@click.argument(
    "what",
    type=click.Choice(["search", "web", "ingest", "generate", "store", "crowd", "soak", "all"]),
    default="all",
)
@click.option("--llama-server", metavar="PATH", help="Compare with it; taken from PATH if there.")
@click.option("--llama-cpp-server", metavar="PYTHON", help="Compare with its llama_cpp.server.")
@click.option("--quantisation", type=click.Choice(["f16", "q8_0"]), default="f16")
@click.option("--repetitions", type=click.IntRange(1, 20), default=3, show_default=True)
@click.option("--threads", type=click.IntRange(0, 256), default=0, help="0 takes every processor.")
@click.option("--requests", type=click.IntRange(1), default=2000, help="Of soak; 2000 if not set.")
@click.option("--points", type=click.IntRange(1000), default=100_000, help="Chunks of store.")
@json_option
@places
def bench(what: Any, as_json: bool, **options: Any) -> None:
    """Measure this machine: search, web, ingest, generate (beside other servers); all if not said.

    ingest fails if a checkout of git loses a chunk or leaves one twice. store searches a collection
    of so many points before, while and after it is made compact. crowd searches beside hundreds of
    idle and slow connections. soak sends thousands of good, wrong and broken-off requests and
    checks what they leave behind.
    """
    settings = configured()
    from trinax.cli import measuring

    measured = measuring.bench(settings, what, measuring.Options(**options))
    print_json(measured.figures) if as_json else click.echo(measured.text)
    sys.exit(0 if measured.passed else 1)


@main.command()
@click.argument("path", required=False, type=_anywhere)
@json_option
@places
@click.option("--security", is_flag=True, help="Say who can reach what instead.")
def doctor(path: Path | None, as_json: bool, security: bool) -> None:
    """Check everything that trinax needs, and say what to do about what is missing.

    With the PATH of a file or folder: whether it is indexed, and if not, why.
    """
    if path is not None and security:
        raise click.UsageError("PATH and --security are two checks.")
    settings = configured()
    from trinax.cli import terminal

    if path is not None:
        from trinax.cli import placing

        path = path.absolute()
        rows = placing.places(settings, path)
        print_json(rows) if as_json else terminal.show_checks(placing.told(path, rows))
        return
    from trinax.cli.doctor import checks
    from trinax.cli.security.report import report

    found = report(settings) if security else checks(settings)
    print_json(found) if as_json else terminal.show_checks(found)
    sys.exit(1 if any(check["level"] == "fail" for check in found) else 0)


@main.command()
@places
def mcp() -> None:
    """Offer the collections to an agent as tools (MCP), over stdin and stdout.

    Uses the server that runs on the data folder, or is one for as long as stdin is open.
    """
    settings = configured()
    from trinax.cli.relay import relay

    relay(settings)
