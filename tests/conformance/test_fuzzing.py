from pathlib import Path

import pytest

from tests.conformance.fuzzing import fuzz

EXAMPLES = 8


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_document_says_what_the_server_does(tmp_path: Path) -> None:
    phases = "examples,coverage,fuzzing"
    done = fuzz(tmp_path, ["--phases", phases, "--max-examples", str(EXAMPLES)])
    assert done.returncode == 0, done.stdout
