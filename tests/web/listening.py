import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from trinax.web.connection import Configuration

BACKLOG = 512


@contextmanager
def listening(configuration: Configuration) -> Iterator[int]:
    """The port of a real server."""
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener:
        server = uvicorn.Server(configuration)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()
