"""Every route, from what each surface declares."""

from collections.abc import Sequence
from typing import Protocol

from starlette.routing import Route

from trinax.web.declaring.operation import Operation


class Surface(Protocol):
    """One client's view of the server."""

    def operations(self) -> list[Operation]: ...


def operations(surfaces: Sequence[Surface]) -> list[Operation]:
    """The first that matches is taken."""
    return [each for surface in surfaces for each in surface.operations()]


def routes(surfaces: Sequence[Surface], body_limit_bytes: int) -> list[Route]:
    return [each.route(body_limit_bytes) for each in operations(surfaces)]
