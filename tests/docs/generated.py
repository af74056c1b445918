"""All pages that are generated, as they should stand."""

from pathlib import Path

from tests.docs.commands_page import commands_page
from tests.docs.errors_page import errors_page
from tests.docs.handbook import DOCS, handbook
from tests.docs.routes_page import routes_page
from tests.docs.settings_page import settings_page


def generated() -> dict[Path, str]:
    reference = {
        DOCS / "reference" / "commands.md": commands_page(),
        DOCS / "reference" / "errors.md": errors_page(),
        DOCS / "reference" / "routes.md": routes_page(),
        DOCS / "reference" / "settings.md": settings_page(),
    }
    return {**reference, **handbook(reference)}
