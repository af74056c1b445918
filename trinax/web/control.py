"""What can be told to a server that runs: to stop, and to read its files again."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from trinax.access.admin_token import admin_token
from trinax.errors import TrinaxError
from trinax.settings import Access, Settings
from trinax.web.admission import Admission
from trinax.web.stopping import Stopping

log = logging.getLogger(__name__)


class Control:
    """For one event loop. reloads: how they ended, "done" or "failed". refused: by code, what was
    refused before there was a request."""

    def __init__(self, settings: Settings, admission: Admission) -> None:
        """Raises BadSetting for an admin token that cannot be read."""
        self.stopping = Stopping()
        self.reloads: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._settings = settings
        self._admission = admission
        self._access = replace(settings.access, admin_token=admin_token(settings))

    def access(self) -> Access:
        """With the admin token from wherever it is configured."""
        return self._access

    def reload(self, read: Callable[[], Settings]) -> None:
        """Take plans and the admin token from the files as they are now, and say so in the log.

        What cannot be read changes nothing. API keys need no reload: theirs are seen anyway.
        """
        try:
            settings = read()
            token = admin_token(settings)
        except TrinaxError as exc:
            self.reloads["failed"] += 1
            log.error("Nothing was read again, and what held before still does: %s", exc)
            return
        self.reloads["done"] += 1
        self._admission.plans = settings.plans
        self._access = replace(self._access, admin_token=token)
        log.info("Read again: the admin token and the plans %s.", ", ".join(sorted(settings.plans)))
        if _others(settings) != _others(self._settings):
            log.warning("Other settings have changed too; they hold after a restart.")


def _others(settings: Settings) -> Settings:
    """What a reload leaves alone."""
    access = replace(settings.access, admin_token="", admin_token_file="")
    return replace(settings, plans={}, access=access)
