"""Reverse proxies as configs/proxy has them, on other ports."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.cli.certificates import self_signed

CONFIGURATIONS = Path(__file__).parents[2] / "configs" / "proxy"
FOLDERS = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
NAME = "trinax.example"
LIMIT_S = 20


def program(name: str) -> str | None:
    return shutil.which(name, path=FOLDERS)


@dataclass(frozen=True, slots=True)
class Proxy:
    port: int
    certificate: Path

    def client(self, address: str) -> httpx.Client:
        """A client of the proxy that has this loopback address."""
        trust = ssl.create_default_context(cafile=self.certificate)
        transport = httpx.HTTPTransport(verify=trust, local_address=address, trust_env=False)
        return httpx.Client(
            base_url=f"https://127.0.0.1:{self.port}",
            transport=transport,
            headers={"host": NAME},
            timeout=LIMIT_S,
        )


@contextmanager
def running(name: str, folder: Path, upstream: str) -> Iterator[Proxy]:
    """name: "nginx" or "caddy". upstream: the address of what it stands before."""
    certificate, key = self_signed(folder, NAME, "127.0.0.1")
    port = _free_port()
    text = (CONFIGURATIONS / {"nginx": "nginx.conf", "caddy": "Caddyfile"}[name]).read_text()
    for theirs, ours in (
        ("/etc/ssl/trinax/certificate.pem", str(certificate)),
        ("/etc/ssl/trinax/key.pem", str(key)),
        ("127.0.0.1:3333", upstream.removeprefix("http://")),
    ):
        assert theirs in text
        text = text.replace(theirs, ours)
    command = {"nginx": _nginx, "caddy": _caddy}[name](text, folder, port)
    environment = {"HOME": str(folder), "PATH": FOLDERS}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
        try:
            _wait(port, process)
            yield Proxy(port, certificate)
        finally:
            process.terminate()
            process.communicate(timeout=LIMIT_S)


def _nginx(text: str, folder: Path, port: int) -> list[str]:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    own = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds) + "access_log off;"
    text = text.replace("listen 443", f"listen 127.0.0.1:{port}").replace(
        "http {", f"http {{ {own}"
    )
    (folder / "nginx.conf").write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""
    settings = f"daemon off; {user} pid {folder}/pid; error_log stderr;"
    binary = program("nginx")
    assert binary
    return [binary, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", settings]


def _caddy(text: str, folder: Path, port: int) -> list[str]:
    own = f"{{\n\tadmin off\n\tauto_https disable_redirects\n\tdefault_sni {NAME}\n}}\n"
    text = text.replace(f"{NAME} {{", f"https://{NAME}:{port} {{\n\tbind 127.0.0.1", 1)
    (folder / "Caddyfile").write_text(own + text)
    binary = program("caddy")
    assert binary
    return [binary, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the proxy does not listen")
