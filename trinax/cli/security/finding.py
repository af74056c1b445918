"""One sentence about who can reach what, and what to do about it."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """level: "fail" for what nobody can have meant. advice: "" where there is nothing to do."""

    name: str
    level: Level
    message: str
    advice: str = ""
