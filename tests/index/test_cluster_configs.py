"""configs/qdrant-cluster: what it says, and what of it can be run without containers."""

import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from qdrant_client import QdrantClient

from tests.contracts.store import COLLECTION, WIDTH, entries, texts
from tests.hardening.proxies import program
from tests.qdrant import rest, rpc
from trinax.configuration import load
from trinax.index.cluster import ClusterStore
from trinax.index.remote import MEMORY, Server
from trinax.settings import Index

FOLDER = Path(__file__).parents[2] / "configs" / "qdrant-cluster"
NGINX = program("nginx")


def stream_module() -> str | None:
    """What nginx loads to pass on connections: "" where that is built in, as in the image; None
    where it cannot."""
    if NGINX is None:
        return None
    # Where Debian has it.
    module = Path(NGINX).parents[1] / "lib" / "nginx" / "modules" / "ngx_stream_module.so"
    if module.exists():
        return f"load_module {module};"
    built = subprocess.run([NGINX, "-V"], capture_output=True, text=True, check=True).stderr
    return "" if re.search(r"--with-stream(\s|$)", built) else None


STREAM = stream_module()


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def nginx() -> str:
    return (FOLDER / "nginx.conf").read_text("utf-8")


def nodes(compose: Any) -> dict[str, Any]:
    return {name: one for name, one in compose["services"].items() if name.startswith("qdrant-")}


def test_three_nodes_find_each_other(compose: Any) -> None:
    assert len(nodes(compose)) == 3
    for name, node in nodes(compose).items():
        _, _, uri, *joins = node["command"]
        assert uri == f"http://{name}:6335"
        assert joins == ([] if name == "qdrant-1" else ["--bootstrap", "http://qdrant-1:6335"])
        assert node["environment"]["QDRANT__CLUSTER__ENABLED"] == "true"
        assert node["environment"]["QDRANT__SERVICE__API_KEY"].startswith("${QDRANT_API_KEY:?")
        (volume,) = node["volumes"]
        assert volume == f"{name}:/qdrant/storage"
        assert name in compose["volumes"]


def test_the_nodes_are_of_the_clients_version(compose: Any) -> None:
    major, minor, *_ = version("qdrant-client").split(".")
    for node in nodes(compose).values():
        assert node["image"] == f"qdrant/qdrant:v{major}.{minor}-unprivileged"


def test_only_this_machine_gets_in(compose: Any) -> None:
    published = [port for one in compose["services"].values() for port in one.get("ports", ())]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_all_nodes_stand_behind_one_address(compose: Any, nginx: str) -> None:
    for port in (6333, 6334):
        served = re.findall(rf"server (\S+):{port} ", nginx)
        assert served == list(nodes(compose))
        assert f"listen {port};" in nginx


@pytest.mark.parametrize(("file", "indexes"), [("trinax.toml", True), ("reader.toml", False)])
def test_the_settings_are_taken(file: str, indexes: bool) -> None:
    settings = load(FOLDER / file, {})
    assert settings.ingest.enabled is indexes
    assert (settings.index.url, settings.index.grpc) == ("http://127.0.0.1:6333", True)
    assert settings.index.replicas == (2 if indexes else 1)


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_a_node_is_healthy_once_it_is_ready(compose: Any, status: int, code: int) -> None:
    asked = []

    class Node(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Silence."""

    with HTTPServer(("127.0.0.1", 0), Node) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        _, *command = nodes(compose)["qdrant-1"]["healthcheck"]["test"]
        port = str(server.server_address[1])
        command = [part.replace("/6333", f"/{port}") for part in command]
        assert subprocess.run(command, check=False).returncode == code
        thread.join()
    assert asked == ["/readyz"]


@contextmanager
def before(nginx: str, folder: Path, ports: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """nginx as it is configured, before servers on these ports; gives its own."""
    own = _free_ports()
    for node, taken in enumerate(ports, 1):
        for theirs, ours in zip((6333, 6334), taken, strict=True):
            nginx = nginx.replace(f"qdrant-{node}:{theirs}", f"127.0.0.1:{ours}")
    for theirs, ours in zip((6333, 6334), own, strict=True):
        nginx = nginx.replace(f"listen {theirs}", f"listen 127.0.0.1:{ours}")
    file = folder / "nginx.conf"
    file.write_text(f"{STREAM}\ndaemon off;\npid {folder}/pid;\nerror_log {folder}/log;\n{nginx}")
    assert NGINX is not None
    command = [NGINX, "-c", str(file), "-p", str(folder), "-e", str(folder / "log")]
    with subprocess.Popen(command) as process:
        try:
            yield own
        finally:
            process.terminate()


@pytest.mark.slow
@pytest.mark.skipif(STREAM is None, reason="nginx with its stream module is not installed")
@pytest.mark.parametrize("grpc", [False, True])
def test_nodes_that_are_away_are_passed_over(nginx: str, tmp_path: Path, grpc: bool) -> None:
    engine = QdrantClient(MEMORY, force_disable_check_same_thread=True)
    wire = rest.Wire(engine)
    with ExitStack() as all_of_it, ExitStack() as two_of_them:
        ports = [
            (of.enter_context(rest.serving(wire)), of.enter_context(rpc.serving(wire)))
            for of in (two_of_them, all_of_it, two_of_them)
        ]
        http, calls = all_of_it.enter_context(before(nginx, tmp_path, ports))
        url = f"http://127.0.0.1:{http}"
        server = Server(Index(url=url, grpc=grpc, grpc_port=calls, retries=8))
        store = ClusterStore(server, COLLECTION, WIDTH, "static-1", lambda _: None)
        store.replace(entries("a.md", "apple"))
        two_of_them.close()
        assert [texts(store, "apple") for _ in range(9)] == [["apple"]] * 9
        store.replace(entries("b.md", "banana"))
        assert store.count() == 2
        server.close()
    engine.close()


def _free_ports() -> tuple[int, int]:
    free = (("127.0.0.1", 0), BaseHTTPRequestHandler)
    with HTTPServer(*free) as one, HTTPServer(*free) as other:
        return one.server_address[1], other.server_address[1]
