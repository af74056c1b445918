from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.docs.generated import generated
from tests.docs.handbook import HANDBOOK
from tests.docs.settings_page import settings_page
from trinax.cli import main
from trinax.errors import TrinaxError
from trinax.web.wire.errors import STATUSES

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pages() -> Mapping[Path, str]:
    return generated()


def test_generated_pages_are_as_the_code_is(pages: Mapping[Path, str]) -> None:
    stale = [
        page.relative_to(ROOT).as_posix()
        for page, text in pages.items()
        if not page.exists() or page.read_text("utf-8") != text
    ]
    assert stale == [], "run: make docs"


def test_the_handbook_holds_nothing_else(pages: Mapping[Path, str]) -> None:
    assert {*HANDBOOK.rglob("*.*")} - {*pages} == set()


def test_no_failure_is_left_out(pages: Mapping[Path, str]) -> None:
    page = pages[ROOT / "docs" / "reference" / "errors.md"]
    leaves: list[type[TrinaxError]] = [*STATUSES]
    assert [leaf.code for leaf in leaves if f"| `{leaf.code}` |" not in page] == []


def test_no_command_is_left_out(pages: Mapping[Path, str]) -> None:
    page = pages[ROOT / "docs" / "reference" / "commands.md"]
    assert [name for name in main.commands if f"## `trinax {name}" not in page] == []


def test_a_setting_is_told_as_its_record_tells_it() -> None:
    assert (
        "| `retrieval.candidates` | `60` | taken from each side before fusion |" in settings_page()
    )
