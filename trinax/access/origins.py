"""Which browser pages and Host names may talk to this server."""

from collections.abc import Collection
from ipaddress import ip_address

from trinax.access.trust import place_of_origin

# Of pages inside applications on the caller's own machine (editors, note-taking, telephones): no
# browser gives a website such an origin. Not file: browsers open what was downloaded there.
APPLICATIONS = frozenset({"app", "capacitor", "ionic", "tauri", "vscode-file", "vscode-webview"})


def origin_is_allowed(origin: str, listed: Collection[str], host: str = "") -> bool:
    """Pages of this machine, of the private LAN, of the server itself, of applications, and the
    listed ones.

    host: the request's Host header; a page that the server itself served has it as its origin.
    """
    if origin in listed or place_of_origin(origin) != "other" or _is_application(origin):
        return True
    return bool(host) and origin in (f"http://{host}", f"https://{host}")


def host_is_allowed(host: str, listed: Collection[str]) -> bool:
    """Whether a Host header names this server.

    Another site's name that resolves here is DNS rebinding: its page would count as ours. An
    address cannot be rebound. A request without a Host header comes from no browser.
    """
    name = _name(host)
    if not name or name == "localhost" or name.endswith(".localhost"):
        return True
    return name in (entry.lower() for entry in listed) or _is_address(name)


def _is_application(origin: str) -> bool:
    scheme, found, rest = origin.partition("://")
    return bool(found and rest) and scheme in APPLICATIONS


def _name(host: str) -> str:
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
