"""schemathesis over a server of its own, which serves the handbook."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
# Nothing is asked of the web.
ENVIRONMENT = {"TRINAX_WEB_PROVIDER": "off", "PYTHONPATH": str(ROOT)}
STOP_LIMIT_S = 20


def fuzz(folder: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """arguments: of `schemathesis run`. folder: for what the server keeps."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)]
    with _serving(folder) as url:
        return subprocess.run(
            [*command, "run", f"{url}/openapi.json", "--no-color", *arguments],
            cwd=folder,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    shutil.copytree(ROOT / "collections", folder / "collections")
    places = ["--data-dir", str(folder / "var"), "--collections-dir", str(folder / "collections")]
    command = [sys.executable, "-m", "trinax", "serve", "--port", "0", *places]
    with subprocess.Popen(command, env=_environment(), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        found = re.search(r"http://\S+", server.stdout.readline())
        assert found
        try:
            yield found[0]
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=STOP_LIMIT_S)


def _environment() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("TRINAX_")}
    return own | ENVIRONMENT


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        done = fuzz(Path(folder), sys.argv[1:])
    print(done.stdout)
    sys.exit(done.returncode)
