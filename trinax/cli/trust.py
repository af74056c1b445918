"""Which certificate a command takes for that of its own server."""

import ssl

from trinax.cli.running import read
from trinax.settings import Settings


def trusted(settings: Settings) -> ssl.SSLContext:
    """Only the certificate that the server on the data folder left there, whatever name it has
    and whoever vouches for it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    running = read(settings.data_dir)
    if running is not None and running.certificate:
        context.load_verify_locations(cadata=running.certificate)
    return context
