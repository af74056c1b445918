"""Commands. Everything but their names and options is imported when one runs."""

from trinax.cli.commands import main

__all__ = ["main"]
