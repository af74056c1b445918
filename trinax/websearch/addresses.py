"""Which addresses are of the public internet."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from trinax.websearch.ports import Address

# IANA's registries of special-purpose addresses, 2026: what is not globally reachable there, and
# what stands for another address, which could be a private one.
SPECIAL_4 = tuple(
    map(
        IPv4Network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
            *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24"),
            *("192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
            *("224.0.0.0/4", "240.0.0.0/4"),
        ),
    )
)
# All that is assigned for global unicast; mapped, translated (NAT64), local and multicast
# addresses lie outside.
GLOBAL_6 = IPv6Network("2000::/3")
# Protocol assignments (Teredo among them), documentation, 6to4.
SPECIAL_6 = tuple(
    map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48"))
)


def is_public(address: Address) -> bool:
    """Whether it is a machine's own address on the internet, in no way that of a private one."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_4)
    return _is_public_6(address)


def _is_public_6(address: IPv6Address) -> bool:
    if address.scope_id is not None or address not in GLOBAL_6:
        return False
    return not any(address in network for network in SPECIAL_6)
