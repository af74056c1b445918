"""Every route, from what each surface declares."""

from collections.abc import Sequence
from typing import Protocol

from starlette.routing import Route

from trinax.web.declaring.body import Room
from trinax.web.declaring.operation import Operation


class Surface(Protocol):
    """One client's view of the server."""

    def operations(self) -> list[Operation]: ...


def operations(surfaces: Sequence[Surface]) -> list[Operation]:
    """The first that matches is taken."""
    return [each for surface in surfaces for each in surface.operations()]


def routes(
    surfaces: Sequence[Surface], body_limit_bytes: int, attached_bytes: int = 0
) -> list[Route]:
    """attached_bytes: of attachments in one request."""
    room = Room(body_limit_bytes, attached_bytes)
    return [each.route(room) for each in operations(surfaces)]
