"""`trinax serve`: what it prints and leaves for other commands while it runs."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from trinax import __version__
from trinax.cli import logs, terminal
from trinax.cli.address import listen, url_of
from trinax.cli.client import connect
from trinax.cli.running import Refused, announced
from trinax.cli.supervisor import Supervisor
from trinax.configuration import supervisor
from trinax.settings import Settings

NONE_YET = "none yet; trinax index PATH adds a folder"


def serve(settings: Settings, configured: Callable[[], Settings]) -> None:
    """Serve until interrupted. Raises AddressInUse and what else keeps the server from starting.

    configured: the settings as files, environment and flags have them now.
    """
    formatter = logs.begin(settings)
    told = Supervisor(supervisor())
    host = settings.server.host
    with listen(host, settings.server.port) as listener:
        certificate = _certificate(settings)
        url = url_of(host, listener.getsockname()[1], bool(certificate))

        @contextmanager
        def during() -> Iterator[None]:
            # What is open now stays open: to look for garbage in it would stop everyone for 0.1 s,
            # once for every large request.
            gc.freeze()
            with announced(settings.data_dir, url, certificate):
                terminal.say(f"trinax {__version__} serves {url}", "bold")
                greeting = asyncio.create_task(_greet(settings))
                told.ready()
                yield
                greeting.cancel()

        def reread() -> Settings:
            told.reloading()
            try:
                found = configured()
                formatter.learn(logs.hidden(found))
                return found
            finally:
                told.ready()

        # Only now: it takes a second to import, which a taken port should not.
        from trinax.cli.serving import serve as serve_until_stopped

        serve_until_stopped(settings, listener, during, reread)


def _certificate(settings: Settings) -> str:
    """The server's own, for the commands that talk to it. Raises BadSetting."""
    # Only now: it imports the web, which a taken port should not wait for.
    from trinax.web.tls import context

    if context(settings) is None:
        return ""
    return (settings.base / settings.server.tls_certificate).read_text("ascii", "ignore")


async def _greet(settings: Settings) -> None:
    """What the server itself says that it has."""
    with suppress(Refused):
        async with connect(settings) as client:
            collections = (await client.get("/v1/collections"))["collections"]
            models = (await client.get("/v1/models"))["data"]
        names = (
            ", ".join(row["id"] for row in collections)
            or "none yet; trinax index PATH adds a folder"
        )
        usable = ", ".join(row["id"] for row in models if row["id"] != "auto")
        terminal.say(f"collections  {names}  ({settings.collections_dir})")
        terminal.say(f"models       {usable}  ({settings.models_dir})")
        terminal.say("Ctrl-C stops it.", "dim")
