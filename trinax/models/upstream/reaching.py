"""Whether upstreams answer, and have the models that are wanted of them."""

from dataclasses import dataclass
from http import HTTPStatus

import anyio

from trinax.errors import TrinaxError, UpstreamFailed
from trinax.models.upstream.configuration import connections
from trinax.models.upstream.connection import Connection
from trinax.models.upstream.failures import Asked, Passing, Refused, failure
from trinax.settings import Settings, Upstream

# For one of them, which has only to list its models.
LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Reached:
    """problem: what keeps it from answering, "" if nothing does that can be seen. lacking: models
    that are wanted of it, and that it does not list."""

    name: str
    problem: str
    lacking: tuple[str, ...] = ()


async def reached(settings: Settings) -> list[Reached]:
    """Each upstream, asked for its models; none that costs anything. Raises BadSetting."""
    found = []
    for name, connection in connections(settings).items():
        found.append(await _reached(name, connection, settings.upstreams[name]))
        await anyio.to_thread.run_sync(connection.close)
    return found


async def _reached(name: str, connection: Connection, upstream: Upstream) -> Reached:
    wanted = list(upstream.models.values())
    try:
        with anyio.fail_after(LIMIT_S):
            offered = await connection.models()
    except TimeoutError:
        return Reached(name, str(UpstreamFailed(name, f"it did not answer within {LIMIT_S:g} s")))
    except Refused as exc:
        if exc.refusal.status == HTTPStatus.NOT_FOUND:
            reason = "it has no list of models (HTTP 404); see the end of its url"
            return Reached(name, str(UpstreamFailed(name, reason)))
        return Reached(name, str(failure(exc.refusal, Asked(name, wanted[0], wanted[0]), 0)))
    except (Passing, TrinaxError) as exc:
        return Reached(name, str(exc))
    return Reached(name, "", tuple(one for one in wanted if one not in offered))
