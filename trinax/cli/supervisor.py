"""What a supervisor of services, such as systemd, is told: one datagram for each change."""

import logging
import socket
import time

log = logging.getLogger(__name__)


class Supervisor:
    """Speaks as sd_notify(3) has it; says nothing where nobody listens."""

    def __init__(self, address: str) -> None:
        """address: of its socket, "@" before a name that is no file; "" for none."""
        self._address = address

    def ready(self) -> None:
        """The server answers, from the start or after a reload."""
        self._tell("READY=1")

    def reloading(self) -> None:
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def _tell(self, text: str) -> None:
        if not self._address or not hasattr(socket, "AF_UNIX"):
            return
        address = self._address
        if address.startswith("@"):
            address = "\0" + address[1:]
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as there:
                there.connect(address)
                there.sendall(text.encode())
        except OSError as exc:
            log.warning("The supervisor could not be told %r: %s", text, exc.strerror)
