"""The server's side of TLS."""

import ssl

from trinax.errors import BadSetting
from trinax.settings import Settings

WHERE = "the configuration"


def context(settings: Settings) -> ssl.SSLContext | None:
    """None where TLS is not configured; at least TLS 1.2. Raises BadSetting."""
    server = settings.server
    if not server.tls_certificate and not server.tls_key:
        return None
    for name in ("tls_certificate", "tls_key"):
        if not getattr(server, name):
            raise BadSetting(f"server.{name}", WHERE, "set where the other of the two is")
        try:
            (settings.base / getattr(server, name)).read_bytes()
        except OSError as exc:
            expected = f"a file that can be read ({exc.strerror})"
            raise BadSetting(f"server.{name}", WHERE, expected) from exc
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    files = (settings.base / server.tls_certificate, settings.base / server.tls_key)
    try:
        # Without a password a key that needs one would be asked for on the terminal.
        made.load_cert_chain(*files, password="")
    except ssl.SSLError as exc:
        expected = "a PEM certificate, and server.tls_key its key without a password"
        raise BadSetting("server.tls_certificate", WHERE, expected) from exc
    return made
