"""The sample collection: pages of docs/ as they are, with links that lead from its own folder."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from tests.docs.pages import GUIDE, ROOT

HANDBOOK = ROOT / "collections" / "handbook"
DOCS = ROOT / "docs"
BESIDE = ("backup", "cluster", "install", "operations", "playground")
REFERENCE = ("errors", "settings")
CODE_OR_LINK = re.compile(
    r"^```.*?^```$|`[^`\n]+`|\]\((?!https?:)([^)#\s]+)", re.DOTALL | re.MULTILINE
)


def sources() -> dict[str, Path]:
    """Name in the handbook → the page that it is made from."""
    beside = [DOCS / f"{name}.md" for name in BESIDE]
    found = [*GUIDE.glob("*.md"), *(page for page in beside if page.exists())]
    found += [DOCS / "reference" / f"{name}.md" for name in REFERENCE]
    return {page.name: page for page in sorted(found)}


def handbook(written: Mapping[Path, str]) -> dict[Path, str]:
    """Every page of it; written: pages that are generated, where they do not stand yet."""
    pages = sources()
    return {
        HANDBOOK / name: _moved(written.get(page) or page.read_text("utf-8"), page, pages)
        for name, page in pages.items()
    }


def _moved(text: str, page: Path, pages: Mapping[str, Path]) -> str:
    def lead(found: re.Match[str]) -> str:
        if not found[1]:
            return found[0]
        target = (page.parent / found[1]).resolve()
        inside = pages.get(target.name) == target
        return f"]({target.name if inside else os.path.relpath(target, HANDBOOK)}"

    return CODE_OR_LINK.sub(lead, text)
