import json
import os
import re
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from tests.cli.certificates import self_signed
from tests.cli.test_serve import places, start
from trinax.cli import main

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    (folder / "collections/notes").mkdir(parents=True)
    (folder / "collections/notes/kettle.md").write_text("The kettle boils at 94 degrees.\n")
    self_signed(folder)
    (folder / "trinax.toml").write_text(
        '[server]\ntls_certificate = "certificate.pem"\ntls_key = "key.pem"\n'
    )
    return folder


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with start(folder, "--port", "0", "--config", str(folder / "trinax.toml")) as process:
        assert process.stdout
        found = re.search(r"https://\S+", process.stdout.readline())
        assert found, process.communicate()
        yield found[0]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def trusting(folder: Path, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=folder / "certificate.pem")
    context.check_hostname = bool(name)
    return context


def greeted(url: str, context: ssl.SSLContext, name: str = "trinax.example") -> str:
    """The version of TLS that a client and the server agree on."""
    host, port = url.removeprefix("https://").split(":")
    with (
        socket.create_connection((host, int(port)), 10) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        return secure.version() or ""


def test_a_client_that_trusts_the_certificate_is_answered(url: str, folder: Path) -> None:
    with httpx.Client(verify=trusting(folder, ""), trust_env=False) as http:
        assert http.get(f"{url}/health").json() == {"status": "ok"}
    assert greeted(url, trusting(folder, "trinax.example")) == "TLSv1.3"


def test_a_client_that_knows_no_such_certificate_is_not(url: str) -> None:
    with pytest.raises(httpx.ConnectError), httpx.Client(trust_env=False) as http:
        http.get(f"{url}/health")


def test_tls_1_1_is_refused(url: str, folder: Path) -> None:
    context = trusting(folder, "trinax.example")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        greeted(url, context)


def test_plain_http_gets_no_answer(url: str) -> None:
    with pytest.raises(httpx.TransportError), httpx.Client(trust_env=False) as http:
        http.get(url.replace("https", "http") + "/health")


def test_a_stream_arrives_whole(url: str, folder: Path) -> None:
    body = {"messages": [{"role": "user", "content": "When does the kettle boil?"}], "stream": True}
    with httpx.Client(verify=trusting(folder, ""), trust_env=False, timeout=30) as http:
        text = http.post(f"{url}/v1/chat/completions", json=body).text
    assert text.endswith("data: [DONE]\n\n")


def test_a_command_asks_its_own_server(url: str, folder: Path) -> None:
    result = CliRunner().invoke(main, ["search", "kettle", "--json", *places(folder)])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["hits"][0]["file"] == "kettle.md"


def test_a_certificate_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    settings = {"TRINAX_SERVER_TLS_CERTIFICATE": "gone.pem", "TRINAX_SERVER_TLS_KEY": "key.pem"}
    result = CliRunner(env=settings).invoke(main, ["serve", "--port", "0", *places(tmp_path)])
    assert result.exit_code == 1
    assert "server.tls_certificate" in result.output
    assert "TRINAX_SERVER_TLS_CERTIFICATE" not in os.environ
