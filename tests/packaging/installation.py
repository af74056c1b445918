"""trinax as a package: its wheel, and an environment that has nothing else of this working copy."""

import os
import socket
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
LIMIT_S = 120


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment's trinax. folder: where its commands run, empty at first."""

    python: Path
    folder: Path

    @property
    def trinax(self) -> Path:
        return self.python.parent / "trinax"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.trinax), *arguments],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
        )

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The address of its server over its folder."""
        port = free_port()
        with subprocess.Popen(
            [str(self.trinax), "serve", "--port", str(port)],
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.DEVNULL,
        ) as server:
            try:
                ready = self.run("ready", "--wait", "60")
                assert ready.returncode == 0, ready.stderr
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()
                server.wait(LIMIT_S)


def environment() -> Mapping[str, str]:
    """Ours without what would lead Python, or trinax, elsewhere."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "TRINAX_", "VIRTUAL_ENV"))
    }


def built(source: Path, to: Path) -> Path:
    """The wheel of a working copy."""
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "-w", str(to))
    run_pip("wheel", *options, str(source))
    (wheel,) = to.glob("trinax-*.whl")
    return wheel


def installed(wheel: Path, to: Path) -> Installed:
    """The wheel in an environment of its own, over the libraries that this one has."""
    venv.create(to / "env", symlinks=True)
    python = to / "env" / "bin" / "python"
    run_pip("--python", str(python), "install", "--no-deps", "--no-index", "--quiet", str(wheel))
    (libraries,) = (to / "env" / "lib").glob("python*/site-packages")
    # Only the folder: what links the working copy stands in a file that is not read then.
    (libraries / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    (to / "empty").mkdir()
    return Installed(python, to / "empty")


def run_pip(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
