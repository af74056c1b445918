from ipaddress import ip_address

import pytest

from trinax.websearch.addresses import is_public


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",  # carriers' NAT
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",  # clouds tell their machines' secrets there
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",  # a mapped address is never written by who means well
        "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",  # Teredo
        "2001:db8::1",
        "2002:7f00:1::",  # 6to4 of 127.0.0.1
        "2002:808:808::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_of_no_public_machine_is_refused(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "8.8.8.8", "100.63.255.255", "172.32.0.1", "192.167.255.255"),
        *("223.255.255.255", "2606:4700::1111", "2a00:1450:4001::200e", "2001:4860:4860::8888"),
    ],
)
def test_a_public_address_is_taken(address: str) -> None:
    assert is_public(ip_address(address))


def test_nothing_is_public_that_python_knows_to_be_private() -> None:
    sample = [ip_address(f"{a}.{b}.0.1") for a in range(256) for b in (0, 16, 64, 88, 168, 254)]
    assert [each for each in sample if is_public(each) and not each.is_global] == []
