"""A Dockerfile as its instructions."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Instruction:
    """word: in capitals. rest: one line. stage: its name, or its number from 0; "" before all."""

    word: str
    rest: str
    stage: str


def instructions(file: Path) -> list[Instruction]:
    return list(_instructions(file.read_text("utf-8")))


def variables(instruction: Instruction) -> dict[str, str]:
    """Of ENV, written NAME=value."""
    pairs = (word.partition("=") for word in shlex.split(instruction.rest))
    return {name: value for name, _, value in pairs}


def words(instruction: Instruction) -> list[str]:
    """Of a command in its JSON form."""
    found: list[str] = json.loads(instruction.rest[instruction.rest.index("[") :])
    return found


def _instructions(text: str) -> Iterator[Instruction]:
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    stages, stage = 0, ""
    for line in re.sub(r"\\\n", " ", lines).splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            named = re.search(r" AS (\S+)$", rest)
            stage = named[1] if named else str(stages)
            stages += 1
        if word:
            yield Instruction(word, " ".join(rest.split()), stage)
