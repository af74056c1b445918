"""Every command's name, options and help; what it does is imported when it runs."""

import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from trinax import __version__
from trinax.cli import completing
from trinax.cli.advice import told
from trinax.cli.backup_commands import backup, restore
from trinax.cli.collection_commands import collections
from trinax.cli.evaluation_commands import evaluate
from trinax.cli.key_commands import keys
from trinax.cli.options import configured, json_option, places, print_json
from trinax.cli.running import Refused
from trinax.cli.setup_commands import completion, doctor, list_settings, ready
from trinax.errors import TrinaxError

# Characters; help wraps.
FIRST_SENTENCE = 200
# As they are looked for, the most common first.
SECTIONS = {
    "Questions": ("ask", "search", "research"),
    "Documents": ("index", "collections"),
    "Models": ("models",),
    "Server": ("serve", "ready", "mcp", "keys", "settings"),
    "Care": ("doctor", "backup", "restore", "completion"),
    "Measuring": ("eval", "bench"),
}


class _Commands(click.Group):
    """Turns deliberate failures into words on stderr and exit code 1."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Commands by SECTIONS, with the first sentence of each one's help."""
        width = max(map(len, self.commands))
        for title, names in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(
                    [
                        (f"{name:{width}}", self.commands[name].get_short_help_str(FIRST_SENTENCE))
                        for name in names
                    ]
                )

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (TrinaxError, Refused) as exc:
            raise click.ClickException(told(exc)) from exc


_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_report = click.Path(dir_okay=False, writable=True, path_type=Path)
_collections = click.option(
    "--collection", "collections", multiple=True, metavar="ID", help="Only here; repeatable.",
    shell_complete=completing.collections,
)  # fmt: skip
_model = click.option(
    "--model", metavar="ID", default="auto", show_default=True, shell_complete=completing.models
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
    read = partial(configured, host=host, port=port)
    settings = read()
    from trinax.cli.foreground import serve as run

    run(settings, read)


@main.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--collection", metavar="ID", help="Add the folder to this; named after it if not.",
              shell_complete=completing.collections)  # fmt: skip
@json_option
@places
def index(path: Path, collection: str | None, as_json: bool) -> None:
    """Index the folder PATH where it is, and remember it."""
    if not path.is_dir():
        raise click.UsageError(
            f"{path} is a file. Index its folder, keep a copy with 'trinax collections upload ID"
            f" {path}', or have it read once with 'trinax ask QUESTION --attach {path}'."
        )
    settings = configured()
    from trinax.cli import indexing

    indexed = indexing.index(settings, path, collection)
    print_json(indexed) if as_json else indexing.show_indexed(indexed)
    sys.exit(1 if indexed["state"] == "failed" else 0)


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
    from trinax.cli import asking

    found = asking.search(settings, {"query": query, **options}, collections)
    print_json(found) if as_json else asking.show_found(settings, found)


@main.command()
@click.argument("question")
@_collections
@click.option("--attach", type=_file, multiple=True, metavar="FILE", help="Read too; repeatable.")
@_model
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
@_model
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
    print_json(report) if as_json else researching.show_footnotes(settings, report)
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
    from trinax.cli import installed, tables

    rows = installed.models(settings)
    if as_json:
        print_json(rows)
    else:
        tables.show_models(rows, settings.models_dir)
        tables.show_missing(*installed.missing(settings))


@models.command("pull")
@click.argument("what", metavar="REPO[:QUANTISATION]|ROLE", shell_complete=completing.roles)
@click.option("--file", default="", metavar="NAME", help="This file of the repository.")
@json_option
@places
def pull_model(what: str, file: str, as_json: bool) -> None:
    """Download a model into the models folder, or what is recommended for a role: fast, coder,
    general, deep, embed or rank. Interrupted, it goes on where it was."""
    settings = configured()
    from trinax.cli import installed
    from trinax.cli.pulling import pull

    model = pull(settings, what, file)
    if as_json:
        print_json(installed.show(settings, model))
    else:
        click.echo(f"{model} is in {settings.models_dir}, whole and verified.")


@models.command("show")
@click.argument("model", metavar="ID", shell_complete=completing.installed)
@json_option
@places
def show_model(model: str, as_json: bool) -> None:
    """Show what is known of a model, and the memory that it needs."""
    settings = configured()
    from trinax.cli import installed, tables

    row = installed.show(settings, model)
    print_json(row) if as_json else tables.show_model(row)


@models.command("remove")
@click.argument("model", metavar="ID", shell_complete=completing.installed)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@places
def remove_model(model: str, yes: bool, as_json: bool) -> None:
    """Delete a model's files from the models folder."""
    settings = configured()
    from trinax.cli import installed

    paths = installed.files(settings, model)
    if not yes:
        question = "\n".join(["Delete", *map(str, paths), "?"])
        click.confirm(question, abort=True, err=as_json)
    for path in paths:
        path.unlink()
    removed = {"model": model, "files": [*map(str, paths)]}
    print_json(removed) if as_json else click.echo(f"{model} is removed.")


main.add_command(backup)
main.add_command(restore)
main.add_command(collections)
main.add_command(keys)
main.add_command(evaluate)
for command in (doctor, ready, list_settings, completion):
    main.add_command(command)


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
@click.option("--peers", metavar="PYTHON", help="It has the stores to compare with; else this one.")
@click.option("--growth", is_flag=True, help="A store of 10 000 chunks, and on to a million.")
@click.option("--soak", is_flag=True, help="Store: 32 searchers and a writer for --minutes.")
@click.option("--minutes", type=click.FloatRange(0.05), default=5.0, show_default=True)
@json_option
@places
def bench(what: Any, as_json: bool, **options: Any) -> None:
    """Measure this machine: search, web, ingest, generate (beside other servers); all if not said.

    ingest fails if a checkout of git loses a chunk or leaves one twice. store searches a collection
    of so many points before, while and after it is made compact, beside other stores that are
    installed; or how that grows; or what many searchers and a writer meet. crowd searches beside
    hundreds of idle and slow connections. soak sends thousands of good, wrong and broken-off
    requests and checks what they leave behind.
    """
    if options["growth"] and options["soak"]:
        raise click.UsageError("--growth and --soak are two measurements.")
    settings = configured()
    from trinax.cli import measuring

    measured = measuring.bench(settings, what, measuring.Options(**options))
    print_json(measured.figures) if as_json else click.echo(measured.text)
    sys.exit(0 if measured.passed else 1)


@main.command()
@places
def mcp() -> None:
    """Offer the collections to an agent as tools (MCP), over stdin and stdout.

    Uses the server that runs on the data folder, or is one for as long as stdin is open.
    """
    settings = configured()
    from trinax.cli.relay import relay

    relay(settings)
