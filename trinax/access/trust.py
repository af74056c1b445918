"""Where a request comes from, as far as it can be trusted."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Literal
from urllib.parse import urlsplit

Place = Literal["loopback", "lan", "other"]

FORWARDED_HEADERS = (
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
)
# RFC 1918, link-local, RFC 4193. Not RFC 6598: behind a carrier's NAT those are strangers.
# `ip_address.is_private` also holds documentation and benchmark ranges, which are no one's LAN.
LAN_NETWORKS = tuple(
    map(
        ip_network,
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",
            "fc00::/7",
            "fe80::/10",
        ),
    )
)


def place_of_address(address: str | None) -> Place:
    """IPv4-mapped IPv6 counts as the IPv4 inside; an unknown or unreadable address is "other"."""
    ip = _ip(address)
    if ip is None:
        return "other"
    if ip.is_loopback:
        return "loopback"
    if any(ip in network for network in LAN_NETWORKS if network.version == ip.version):
        return "lan"
    return "other"


def place_of_request(
    peer: str | None, headers: Mapping[str, str], proxies: Iterable[str] = ()
) -> Place:
    """The client's place, seen through configured proxies and through no one else.

    peer: the address at the other end of the socket. headers: lower-case names.
    A request with forwarded headers from an address that is not a configured proxy has an unknown
    client behind it: it is "other", whatever the peer is.
    A page in a browser lends a request no more trust than the page's own origin has.
    """
    place: Place = place_of_address(address_of_request(peer, headers, proxies))
    origin = headers.get("origin")
    if place == "loopback" and origin is not None and place_of_origin(origin) != "loopback":
        return "lan"
    return place


def address_of_request(
    peer: str | None, headers: Mapping[str, str], proxies: Iterable[str] = ()
) -> str | None:
    """The client's address, where it is known; see place_of_request."""
    if not any(name in headers for name in FORWARDED_HEADERS):
        return peer
    return _client(headers) if is_one_of(peer, proxies) else None


def is_one_of(address: str | None, addresses: Iterable[str]) -> bool:
    """However they are written; unreadable ones are nobody's."""
    return _ip(address) in {ip for each in addresses if (ip := _ip(each))}


def place_of_origin(origin: str) -> Place:
    """The place of the machine that serves a browser origin such as "http://localhost:3000"."""
    try:
        parts = urlsplit(origin)
        host = parts.hostname or ""
    except ValueError:
        return "other"
    if parts.scheme not in ("http", "https"):
        return "other"
    if host == "localhost" or host.endswith(".localhost"):
        return "loopback"
    return place_of_address(host)


def _client(headers: Mapping[str, str]) -> str | None:
    # The last element is the one that the configured proxy itself wrote.
    if chain := headers.get("x-forwarded-for"):
        return _without_port(chain.split(",")[-1].strip())
    if chain := headers.get("forwarded"):
        for pair in chain.split(",")[-1].split(";"):
            name, _, value = pair.strip().partition("=")
            if name.lower() == "for":
                return _without_port(value.strip('" '))
        return None
    return headers.get("x-real-ip")


def _without_port(address: str) -> str:
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def _ip(address: str | None) -> IPv4Address | IPv6Address | None:
    try:
        ip = ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return mapped or ip
