"""Addresses to listen on and to be reached at."""

import errno
import socket

from trinax.errors import AddressInUse, BadSetting

BACKLOG = 2048
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that a taken port is known before anything is opened.

    Raises AddressInUse, and BadSetting for an address that this machine does not have.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
        except BaseException:
            listener.close()
            raise
        return listener
    except OverflowError as exc:
        raise BadSetting("server.port", "the settings", f"from 0 to 65535, not {port}") from exc
    except OSError as exc:
        if exc.errno == errno.EADDRINUSE:
            raise AddressInUse(host, port) from exc
        expected = f"an address that this machine may listen on, not {host}:{port} ({exc.strerror})"
        raise BadSetting("server.host", "the settings", expected) from exc


def url_of(host: str, port: int, tls: bool = False) -> str:
    """Where this machine reaches a server that listens on host, any-address included."""
    host = ANY_ADDRESS.get(host, host)
    host = f"[{host}]" if ":" in host else host
    return f"{'https' if tls else 'http'}://{host}:{port}"
