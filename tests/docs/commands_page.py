"""Every command with its options, from the commands themselves."""

from collections.abc import Iterator, Sequence

import click

from trinax.cli import main

HEAD = """\
# Commands

Every command with what it takes, as `trinax COMMAND --help` says it. What they are for:
[command line](../guide/command-line.md).
"""
# They come with every command, and stand once at the top.
EVERYWHERE = ("--config", "--data-dir", "--collections-dir", "--models-dir")


def commands_page() -> str:
    context = click.Context(main, info_name="trinax")
    common = [one for one in main.params if {*one.opts} & {*EVERYWHERE}]
    parts = [HEAD, f"## Options of every command\n\n{_table(common, context)}\n"]
    parts += [_section(command, context, path) for path, command in _commands(main, ["trinax"])]
    return "\n".join(parts)


def _commands(group: click.Group, path: list[str]) -> Iterator[tuple[list[str], click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _commands(command, [*path, name])
        else:
            yield [*path, name], command


def _section(command: click.Command, parent: click.Context, path: list[str]) -> str:
    context = click.Context(command, info_name=" ".join(path[1:]), parent=parent)
    takes = " ".join(command.collect_usage_pieces(context)).replace("[OPTIONS]", "").strip()
    title = f"## `{' '.join([*path, *filter(None, [takes])])}`"
    about = " ".join((command.help or "").split("\f")[0].split())
    own = [
        one
        for one in command.params
        if isinstance(one, click.Option) and not {*one.opts} & {*EVERYWHERE, "--help"}
    ]
    return "\n\n".join(filter(None, [title, about, _table(own, context)])) + "\n"


def _table(params: Sequence[click.Parameter], context: click.Context) -> str:
    records = [record for one in params if (record := one.get_help_record(context))]
    rows = [f"| `{_cell(name)}` | {_cell(told)} |" for name, told in records]
    return "| option | what it does |\n|---|---|\n" + "\n".join(rows) if rows else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
