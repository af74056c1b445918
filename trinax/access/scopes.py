"""What can be allowed."""

from typing import Literal, get_args

Scope = Literal["chat", "search", "browse", "ingest", "research", "metrics", "admin"]

ALL: frozenset[Scope] = frozenset(get_args(Scope))
