from ipaddress import ip_address

import pytest

from tests.websearch.site import Names
from trinax.websearch.failures import PageFailed
from trinax.websearch.network import PublicNetwork, SystemResolver


async def test_a_public_name_gives_its_address() -> None:
    network = PublicNetwork(Names(a_example=["8.8.8.8"]))
    assert await network.address("a.example", 443) == ip_address("8.8.8.8")


async def test_the_older_kind_of_address_goes_first() -> None:
    network = PublicNetwork(Names(a_example=["2606:4700::1111", "8.8.8.8"]))
    assert str(await network.address("a.example", 443)) == "8.8.8.8"


@pytest.mark.parametrize(
    "found",
    [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:10.0.0.1"], ["2606:4700::1111", "::1"]],
)
async def test_one_private_address_is_enough_to_refuse(found: list[str]) -> None:
    with pytest.raises(PageFailed, match="public internet"):
        await PublicNetwork(Names(a_example=found)).address("a.example", 80)


async def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(PageFailed, match="not known"):
        await PublicNetwork(Names()).address("nowhere.example", 80)


@pytest.mark.parametrize("port", [0, 22, 25, 3333, 6379, 8080, 65535])
async def test_other_ports_are_refused_before_anything_is_looked_up(port: int) -> None:
    names = Names(a_example=["8.8.8.8"])
    with pytest.raises(PageFailed, match=f"port {port}"):
        await PublicNetwork(names).address("a.example", port)
    assert names.looked_up == []


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0177.0.0.1", "0x7f.1", "127.1", "0", "localhost", "::1", "::ffff:127.0.0.1"],
)
async def test_loopback_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(PageFailed, match=r"public internet|not known"):
        await PublicNetwork(SystemResolver()).address(host, 80)


@pytest.mark.parametrize("host", ["", "a" * 300, "a..b", "\udc80", "exa mple"])
async def test_what_is_no_name_is_not_known(host: str) -> None:
    with pytest.raises(PageFailed):
        await PublicNetwork(SystemResolver()).address(host, 80)
