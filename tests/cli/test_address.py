import socket

import pytest

from trinax.cli.address import listen, url_of
from trinax.errors import AddressInUse, BadSetting


def test_port_0_takes_a_free_one() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.getsockname()[1] > 0


def test_a_taken_port_is_known_before_anything_is_opened() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(AddressInUse, match=f"127.0.0.1:{port} is in use"):
            listen("127.0.0.1", port)


def test_a_port_that_another_program_bound_on_all_addresses_is_taken() -> None:
    with socket.create_server(("0.0.0.0", 0)) as other, pytest.raises(AddressInUse):
        listen("127.0.0.1", other.getsockname()[1])


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 0), ("", 70_000)])
def test_an_address_of_another_machine_is_refused(host: str, port: int) -> None:
    with pytest.raises(BadSetting, match=r"server\.(host|port)"):
        listen(host, port)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("fd00::5", "http://[fd00::5]:80"),
        ("box.lan", "http://box.lan:80"),
    ],
)
def test_an_address_is_one_that_this_machine_reaches(host: str, url: str) -> None:
    assert url_of(host, 80) == url
