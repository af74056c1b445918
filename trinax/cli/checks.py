"""What a check of the doctor says."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Check:
    """advice: what to do about it, "" where there is nothing to do."""

    name: str
    level: Level
    message: str
    advice: str = ""
