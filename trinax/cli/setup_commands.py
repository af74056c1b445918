"""The commands for setting trinax up and looking after it."""

import sys
from pathlib import Path
from typing import Any

import click

from trinax.cli.options import config_file, configured, json_option, places, print_json
from trinax.errors import StartupError


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@json_option
@places
@click.option("--security", is_flag=True, help="Say who can reach what instead.")
def doctor(path: Path | None, as_json: bool, security: bool) -> None:
    """Check everything that trinax needs, and say what to do about what is missing.

    With the PATH of a file or folder: whether it is indexed, and if not, why.
    """
    if path is not None and security:
        raise click.UsageError("PATH and --security are two checks.")
    if path is not None:
        _show_place(path.absolute(), as_json)
        return
    found = _checked(security)
    _show(found, found, as_json)
    sys.exit(1 if any(check["level"] == "fail" for check in found) else 0)


def _checked(security: bool) -> list[dict[str, Any]]:
    from trinax.cli.doctor import checks, misconfigured
    from trinax.cli.security.report import report

    try:
        settings = configured()
    except StartupError as exc:
        return misconfigured(exc)
    return report(settings) if security else checks(settings, config_file())


def _show_place(path: Path, as_json: bool) -> None:
    settings = configured()
    from trinax.cli import placing

    rows = placing.places(settings, path)
    _show(rows, placing.told(path, rows), as_json)


def _show(rows: list[dict[str, Any]], checks: list[dict[str, Any]], as_json: bool) -> None:
    from trinax.cli import tables

    print_json(rows) if as_json else tables.show_checks(checks)


@click.command()
@click.option("--wait", type=click.FloatRange(min=0), default=0, metavar="SECONDS",
              help="Ask again for so long.")  # fmt: skip
@json_option
@places
def ready(wait: float, as_json: bool) -> None:
    """Say whether a server runs on the data folder and answers questions; exit with 1 if not."""
    settings = configured()
    from trinax.cli.readiness import readiness

    found = readiness(settings, wait)
    if as_json:
        print_json(found)
    elif found["ready"]:
        click.echo(f"{found['url']} is ready.")
    else:
        click.echo(found["reason"], err=True)
    sys.exit(0 if found["ready"] else 1)


@click.command("settings")
@places
def list_settings() -> None:
    """Print every setting with its default, to copy what is to be changed into trinax.toml."""
    from trinax.configuration import defaults

    click.echo(defaults(), nl=False)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@places
def completion(shell: str) -> None:
    """Print what makes SHELL complete commands, options, collections and models.

    \b
    bash: trinax completion bash > ~/.local/share/bash-completion/completions/trinax
    zsh:  trinax completion zsh > ~/.zfunc/_trinax   (a folder of fpath, before compinit)
    fish: trinax completion fish > ~/.config/fish/completions/trinax.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    command = click.get_current_context().find_root().command
    # Not source(): it starts a bash to ask for its version.
    script = kind(command, {}, "trinax", "_TRINAX_COMPLETE")
    click.echo(script.source_template % script.source_vars(), nl=False)
