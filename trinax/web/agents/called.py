"""Which tool a message calls, and on what: for the audit log."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Called:
    """collections: what the client calls them."""

    tool: str
    collections: tuple[str, ...]


def called(body: bytes) -> Called | None:
    """None for a message that calls no tool; whether the message is sound is not looked at."""
    try:
        message = json.loads(body)
        if message["method"] != "tools/call":
            return None
        tool, given = message["params"]["name"], message["params"].get("arguments") or {}
        named = [given.get("collection"), *(given.get("collections") or ())]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    collections = tuple(name for name in named if isinstance(name, str))
    return Called(tool, collections) if isinstance(tool, str) else None
