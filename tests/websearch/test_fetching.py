import gzip
from dataclasses import replace

import pytest

from tests.websearch.conftest import HOST, LIMITS
from tests.websearch.site import Names, Put, Site, StandIns, redirect
from trinax.websearch.connection import Connection
from trinax.websearch.failures import PageFailed
from trinax.websearch.fetching import Fetcher, target
from trinax.websearch.ports import Address


async def test_a_page_is_fetched(fetcher: Fetcher, site: Site) -> None:
    site.put("/a", "<p>Hello")
    page = await fetcher.fetch(site.at(HOST, "/a"))
    assert (page.url, page.kind, page.charset, page.content) == (
        site.at(HOST, "/a"),
        "html",
        "utf-8",
        b"<p>Hello",
    )


async def test_the_host_is_named_and_the_address_is_not(fetcher: Fetcher, site: Site) -> None:
    site.put("/a", "<p>Hello")
    await fetcher.fetch(site.at(HOST, "/a?q=1&r=%20#part"))
    (asked,) = site.asked
    assert asked.headers["host"] == f"{HOST}:{site.port}"
    assert asked.query == {"q": "1", "r": " "}


async def test_nothing_of_the_user_is_sent(fetcher: Fetcher, site: Site) -> None:
    site.put("/a", Put(b"<p>a", headers={"set-cookie": "id=1", "location": "/b"}, status=302))
    site.put("/b", "<p>b")
    await fetcher.fetch(site.at(HOST, "/a"))
    for asked in site.asked:
        assert set(asked.headers) == {
            "accept", "accept-encoding", "connection", "host", "user-agent",
        }  # fmt: skip


async def test_proxies_of_the_environment_are_not_used(
    fetcher: Fetcher, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.put("/a", "<p>Hello")
    with monkeypatch.context() as patch:
        patch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        patch.setenv("ALL_PROXY", "http://127.0.0.1:9")
        assert (await fetcher.fetch(site.at(HOST, "/a"))).content == b"<p>Hello"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(fetcher: Fetcher, site: Site, status: int) -> None:
    site.put("/a", redirect("b/c?d=1", status))
    site.put("/b/c", "<p>There")
    page = await fetcher.fetch(site.at(HOST, "/a"))
    assert (page.url, page.content) == (site.at(HOST, "/b/c?d=1"), b"<p>There")


async def test_each_hop_is_looked_up_once(fetcher: Fetcher, network: StandIns, site: Site) -> None:
    site.put("/a", redirect("/b"))
    site.put("/b", "<p>There")
    await fetcher.fetch(site.at(HOST, "/a"))
    assert network.asked == [HOST, HOST]


async def test_a_name_that_changes_its_mind_is_connected_to_as_it_was(site: Site) -> None:
    class Rebinding(StandIns):
        async def address(self, host: str, port: int) -> Address:
            found = await super().address(host, port)
            self._hosts = ()
            return found

    site.put("/a", "<p>Hello")
    rebinding = Fetcher(Connection(), Rebinding(Names(), HOST), LIMITS)
    assert (await rebinding.fetch(site.at(HOST, "/a"))).content == b"<p>Hello"
    with pytest.raises(PageFailed):
        await rebinding.fetch(site.at(HOST, "/a"))


async def test_more_than_four_redirects_are_too_many(fetcher: Fetcher, site: Site) -> None:
    site.put("/a", redirect("/a"))
    with pytest.raises(PageFailed, match="more than 4"):
        await fetcher.fetch(site.at(HOST, "/a"))
    assert len(site.asked) == 5


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://inside.example/",
        "http://mixed.example/",
        "//inside.example/",
        "http://pages.example:22/",
        "https://user:secret@pages.example/",
        "file:///etc/passwd",
        "ftp://pages.example/",
        "gopher://pages.example/",
        "http://[broken/",
        "",
    ],
)
async def test_a_redirect_leads_nowhere_private(
    fetcher: Fetcher, names: Names, site: Site, location: str
) -> None:
    names.known |= {"inside.example": ["10.0.0.1"], "mixed.example": ["8.8.8.8", "10.0.0.1"]}
    site.put("/a", redirect(location))
    with pytest.raises(PageFailed):
        await fetcher.fetch(site.at(HOST, "/a"))
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://user@pages.example/",
        "http://user:secret@pages.example/",
        "http://@pages.example/",
        "http://pages.example\\@127.0.0.1/",
        "http://127.0.0.1/",
        "http://2130706433/",
        "http:///a",
        "http://pages.example:port/",
        "http://pages.example:99999/",
        "javascript:alert(1)",
        "data:text/html,hello",
        "http://pages.example/" + "a" * 2000,
        "/etc/passwd",
        "",
    ],
)
async def test_what_is_no_public_address_is_refused(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(PageFailed):
        await fetcher.fetch(url)


@pytest.mark.parametrize(
    ("url", "authority", "at"),
    [
        ("http://a.example", "a.example", "http://8.8.8.8:80/"),
        ("https://A.example/x?y#z", "a.example", "https://8.8.8.8:443/x?y"),
        ("http://a.example:8080/", "a.example:8080", "http://8.8.8.8:8080/"),
        ("http://bücher.example/ü", "xn--bcher-kva.example", "http://8.8.8.8:80/ü"),
        ("http://[2606:4700::1]/", "[2606:4700::1]", "http://8.8.8.8:80/"),
    ],
)
async def test_an_address_takes_the_place_of_the_name(url: str, authority: str, at: str) -> None:
    asked = target(url)
    (address,) = await Names(a_example=["8.8.8.8"]).addresses("a.example", 80)
    assert (asked.authority, asked.at(address)) == (authority, at)


@pytest.mark.parametrize("kind", ["image/png", "application/pdf", "application/zip", "x", ""])
async def test_what_is_no_text_is_not_read(fetcher: Fetcher, site: Site, kind: str) -> None:
    site.put("/a", Put(b"abc", type=kind))
    with pytest.raises(PageFailed, match="no text"):
        await fetcher.fetch(site.at(HOST, "/a"))


@pytest.mark.parametrize("status", [204, 304, 401, 403, 404, 429, 500])
async def test_an_error_is_no_page(fetcher: Fetcher, site: Site, status: int) -> None:
    site.put("/a", Put(status=status))
    with pytest.raises(PageFailed, match=str(status)):
        await fetcher.fetch(site.at(HOST, "/a"))


async def test_a_packed_page_is_unpacked(fetcher: Fetcher, site: Site) -> None:
    site.put("/a", Put(gzip.compress(b"<p>Hello"), headers={"content-encoding": "gzip"}))
    assert (await fetcher.fetch(site.at(HOST, "/a"))).content == b"<p>Hello"


@pytest.mark.parametrize("packing", ["gzip, gzip", "br", "deflate", "zstd", "x"])
async def test_other_packings_are_refused(fetcher: Fetcher, site: Site, packing: str) -> None:
    twice = gzip.compress(gzip.compress(b"<p>Hello"))
    site.put("/a", Put(twice, headers={"content-encoding": packing}))
    with pytest.raises(PageFailed, match="not asked for"):
        await fetcher.fetch(site.at(HOST, "/a"))


async def test_what_cannot_be_unpacked_is_no_page(fetcher: Fetcher, site: Site) -> None:
    site.put("/a", Put(b"<p>Hello", headers={"content-encoding": "gzip"}))
    with pytest.raises(PageFailed, match="unpacked"):
        await fetcher.fetch(site.at(HOST, "/a"))


async def test_an_oversized_page_is_left_unread(fetcher: Fetcher, site: Site) -> None:
    site.put("/a", Put(b"a" * 1_000_000, hangs=True))
    with pytest.raises(PageFailed, match="over 20000 bytes"):
        await fetcher.fetch(site.at(HOST, "/a"))
    assert site.gone.wait(10)


async def test_a_bomb_stops_at_the_limit(fetcher: Fetcher, site: Site) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    site.put("/a", Put(bomb, headers={"content-encoding": "gzip"}))
    with pytest.raises(PageFailed, match="over 20000 bytes"):
        await fetcher.fetch(site.at(HOST, "/a"))


@pytest.mark.parametrize("page", [Put(late=True), Put(b"<p>slow", hangs=True)])
async def test_a_page_that_never_ends_is_given_up(network: StandIns, site: Site, page: Put) -> None:
    site.put("/a", page)
    hasty = Fetcher(Connection(), network, replace(LIMITS, page_timeout_s=0.3))
    with pytest.raises(PageFailed, match=r"longer than 0\.3 s"):
        await hasty.fetch(site.at(HOST, "/a"))
    assert site.gone.wait(10)


async def test_the_time_is_that_of_all_hops_together(network: StandIns, site: Site) -> None:
    site.put("/a", redirect("/b"))
    site.put("/b", Put(late=True))
    hasty = Fetcher(Connection(), network, replace(LIMITS, page_timeout_s=0.5))
    with pytest.raises(PageFailed, match="longer"):
        await hasty.fetch(site.at(HOST, "/a"))


async def test_nobody_there_is_told(network: StandIns) -> None:
    with pytest.raises(PageFailed, match=r"connection failed \(ConnectError\)"):
        await Fetcher(Connection(), network, LIMITS).fetch(f"http://{HOST}:9/")
