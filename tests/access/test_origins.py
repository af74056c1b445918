import pytest

from trinax.access.origins import host_is_allowed, origin_is_allowed


@pytest.mark.parametrize(
    "origin", ["http://localhost:3334", "http://127.0.0.1:5173", "https://192.168.1.5:3335"]
)
def test_local_and_lan_pages_are_allowed(origin: str) -> None:
    assert origin_is_allowed(origin, ())


@pytest.mark.parametrize(
    "origin",
    [
        "vscode-webview://1f2e3d4c",
        "app://obsidian.md",
        "capacitor://localhost",
        "tauri://localhost",
        "http://tauri.localhost",
    ],
)
def test_pages_of_applications_are_allowed(origin: str) -> None:
    assert origin_is_allowed(origin, ())


@pytest.mark.parametrize(
    "origin", ["app:", "app://", "application://a", "chrome-extension://abc", "https://app"]
)
def test_what_only_looks_like_one_is_not(origin: str) -> None:
    assert not origin_is_allowed(origin, ())


@pytest.mark.parametrize("origin", ["https://example.com", "null", "file://", "", "http://8.8.8.8"])
def test_foreign_pages_are_not(origin: str) -> None:
    assert not origin_is_allowed(origin, ())


def test_a_listed_page_is_allowed() -> None:
    assert origin_is_allowed("https://example.com", ["https://example.com"])


def test_the_servers_own_page_is_allowed() -> None:
    assert origin_is_allowed("http://nas.home:3333", (), host="nas.home:3333")


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:3333", "x.localhost", "127.0.0.1:3333", "[::1]:3333", "10.0.0.4", ""],
)
def test_addresses_and_localhost_name_this_server(host: str) -> None:
    assert host_is_allowed(host, ())


@pytest.mark.parametrize(
    "host", ["example.com", "example.com:3333", "127.0.0.1.example.com", "a:b:c"]
)
def test_other_names_do_not(host: str) -> None:
    assert not host_is_allowed(host, ())


def test_a_listed_name_does() -> None:
    assert host_is_allowed("NAS.home:3333", ["nas.home"])
