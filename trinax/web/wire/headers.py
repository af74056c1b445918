"""Headers that answers of every wire have in common."""

from collections.abc import Iterable


def ignored(names: Iterable[str]) -> dict[str, str]:
    """Tells what was sent and has no effect; names may come twice."""
    once = dict.fromkeys(names)
    return {"x-trinax-ignored": ", ".join(once)} if once else {}
