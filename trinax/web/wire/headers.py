"""Headers that answers of every wire have in common."""

from collections.abc import Iterable
from math import ceil


def ignored(names: Iterable[str]) -> dict[str, str]:
    """Tells what was sent and has no effect; names may come twice."""
    once = dict.fromkeys(names)
    return {"x-trinax-ignored": ", ".join(once)} if once else {}


def rate_limit(limit: int, remaining: int, reset_s: float) -> dict[str, str]:
    """How one stands with a limit; reset_s: until nothing of it is used."""
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": whole_seconds(reset_s),
    }


def whole_seconds(wait_s: float) -> str:
    """Rounded up, so that who waits so long has waited long enough; at least 1."""
    return str(max(1, ceil(wait_s)))
