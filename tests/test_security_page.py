import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))
PROMISES = PAGE.partition("## Promises")[2].partition("## When")[0]


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_proof_exists(file: str, test: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    wanted = rf"def {test}\(" if test else r"def test_\w+\("
    assert re.search(wanted, text)


def test_every_promise_names_its_proof() -> None:
    promises = re.split(r"^- ", PROMISES, flags=re.MULTILINE)[1:]
    assert len(promises) > 20
    assert [each for each in promises if "`tests/" not in each] == []
