"""All that can be said of the configuration."""

from dataclasses import asdict
from typing import Any

from trinax.cli.security.callers import callers
from trinax.cli.security.disk import disk
from trinax.cli.security.outgoing import outgoing
from trinax.settings import Settings


def report(settings: Settings) -> list[dict[str, Any]]:
    """From the network inwards, then outwards, then the disk."""
    found = [*callers(settings), *outgoing(settings), *disk(settings)]
    return [asdict(finding) for finding in found]
