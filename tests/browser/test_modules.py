"""The page's modules, as TypeScript and Prettier read them."""

import subprocess
from pathlib import Path
from shutil import which

import pytest

HERE = Path(__file__).parent
MODULES = HERE.parents[1] / "trinax" / "playground" / "assets"
COMPILER = HERE / "node_modules" / "typescript" / "bin" / "tsc"
FORMATTER = HERE / "node_modules" / "prettier" / "bin" / "prettier.cjs"
WIDTH = 120

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        which("node") is None or not COMPILER.exists() or not FORMATTER.exists(),
        reason="no Node.js or no modules here (npm ci --prefix tests/browser)",
    ),
]


def ran(*command: str | Path) -> str:
    """What it complains of; empty where it does not."""
    done = subprocess.run(["node", *command], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def test_types_fit() -> None:
    assert ran(COMPILER, "--project", HERE) == ""


def test_modules_are_formatted() -> None:
    modules = [path for path in MODULES.iterdir() if path.suffix == ".js"]
    assert ran(FORMATTER, "--print-width", str(WIDTH), "--check", *modules) == ""
