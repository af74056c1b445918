import pytest

from trinax.access.trust import (
    Place,
    address_of_request,
    place_of_address,
    place_of_origin,
    place_of_request,
)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("127.0.0.1", "loopback"),
        ("127.8.9.1", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("10.1.2.3", "lan"),
        ("172.16.0.1", "lan"),
        ("172.31.255.255", "lan"),
        ("192.168.1.20", "lan"),
        ("169.254.7.7", "lan"),
        ("::ffff:192.168.1.20", "lan"),
        ("fd12::5", "lan"),
        ("fe80::1%eth0", "lan"),
        ("172.32.0.1", "other"),
        ("100.64.0.1", "other"),
        ("192.0.2.1", "other"),
        ("8.8.8.8", "other"),
        ("2001:4860:4860::8888", "other"),
        ("0.0.0.0", "other"),
        ("testclient", "other"),
        ("", "other"),
        (None, "other"),
    ],
)
def test_addresses_have_a_place(address: str | None, place: Place) -> None:
    assert place_of_address(address) == place


@pytest.mark.parametrize(
    "header", ["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host"]
)
def test_forwarded_headers_from_anyone_are_never_loopback(header: str) -> None:
    assert place_of_request("127.0.0.1", {header: "127.0.0.1"}) == "other"


def test_a_configured_proxy_speaks_for_its_client() -> None:
    headers = {"x-forwarded-for": "192.168.1.20"}
    assert place_of_request("127.0.0.1", headers, ["127.0.0.1"]) == "lan"


def test_only_what_the_proxy_itself_wrote_counts() -> None:
    headers = {"x-forwarded-for": "127.0.0.1, 8.8.8.8"}
    assert place_of_request("127.0.0.1", headers, ["127.0.0.1"]) == "other"


@pytest.mark.parametrize(
    ("forwarded", "place"),
    [
        ("for=192.168.1.20;proto=http", "lan"),
        ('for=127.0.0.1, for="[fd00::1]:4711"', "lan"),
        ("for=unknown", "other"),
        ("proto=http", "other"),
    ],
)
def test_the_standard_header_is_read(forwarded: str, place: Place) -> None:
    assert place_of_request("10.0.0.1", {"forwarded": forwarded}, ["10.0.0.1"]) == place


def test_a_proxy_without_forwarded_headers_asks_for_itself() -> None:
    assert place_of_request("127.0.0.1", {}, ["127.0.0.1"]) == "loopback"


def test_a_lan_page_in_a_browser_here_is_trusted_as_the_lan() -> None:
    assert place_of_request("127.0.0.1", {"origin": "http://192.168.1.9"}) == "lan"


def test_a_local_page_keeps_loopback() -> None:
    assert place_of_request("127.0.0.1", {"origin": "http://localhost:3000"}) == "loopback"


@pytest.mark.parametrize(
    ("origin", "place"),
    [
        ("http://localhost", "loopback"),
        ("https://app.localhost:8443", "loopback"),
        ("http://[::1]:3000", "loopback"),
        ("http://192.168.0.4:8080", "lan"),
        ("https://example.com", "other"),
        ("http://localhost.example.com", "other"),
        ("http://127.0.0.1.example.com", "other"),
        ("file://", "other"),
        ("null", "other"),
        ("http://[::1", "other"),
    ],
)
def test_origins_have_a_place(origin: str, place: Place) -> None:
    assert place_of_origin(origin) == place


@pytest.mark.parametrize(
    ("peer", "headers", "address"),
    [
        ("10.0.0.5", {}, "10.0.0.5"),
        (None, {}, None),
        ("10.0.0.9", {"x-forwarded-for": "1.2.3.4, 10.0.0.7"}, "10.0.0.7"),
        ("10.0.0.5", {"x-forwarded-for": "10.0.0.7"}, None),
    ],
)
def test_the_clients_address_is_known_through_configured_proxies_only(
    peer: str | None, headers: dict[str, str], address: str | None
) -> None:
    assert address_of_request(peer, headers, ["10.0.0.9"]) == address
