"""Modules of the page that need no browser, run by Node.js."""

import json
import subprocess
from shutil import which
from typing import Any

import pytest

from trinax.playground.modules import joined
from trinax.playground.page import FOLDER

needs_node = pytest.mark.skipif(which("node") is None, reason="no Node.js here")


def called(module: str, function: str, *arguments: Any) -> Any:
    """What a function of a module gives."""
    modules = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.js")}
    given = ", ".join(map(json.dumps, arguments))
    asked = f"console.log(JSON.stringify({module}_.{function}({given})));"
    script = joined(modules, module) + asked
    node = ["node", "--input-type=module", "-"]
    done = subprocess.run(node, input=script, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
