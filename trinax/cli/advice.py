"""What to type next after a failure."""

from collections.abc import Mapping

from trinax.cli.running import Refused
from trinax.errors import TrinaxError

# By code: a server's errors tell its clients what to call, which is not what one types.
NEXT: Mapping[str, str] = {
    "bad_setting": "trinax settings",
    "chunk_not_found": "trinax search QUERY",
    "collection_exists": "trinax collections list",
    "collection_not_found": "trinax collections list",
    "collection_paused": "trinax collections resume ID",
    "forbidden": "trinax doctor --security",
    "keys_failed": "trinax doctor",
    "model_failed": "trinax models list",
    "model_not_found": "trinax models list",
    "no_generative_model": "trinax models pull general",
    "source_not_found": "trinax collections show ID",
    "storage_full": "trinax doctor",
    "store_failed": "trinax doctor",
    "store_locked": "trinax doctor",
    "unauthorized": "trinax doctor --security",
    "unknown_setting": "trinax settings",
}


class Declined(Refused):
    """In a server's own words. code: of the error, "" where it has none."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def told(failure: TrinaxError | Refused) -> str:
    """The failure's words, and the command to type next where there is one."""
    code = failure.code if isinstance(failure, TrinaxError | Declined) else ""
    command = NEXT.get(code)
    return f"{failure}\nTry '{command}'." if command else str(failure)
