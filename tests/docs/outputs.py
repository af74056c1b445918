"""What a page says comes out, and what does."""

import re

from tests.docs.pages import Step
from tests.docs.shell import Outcome

VARIES = "…"


def wrong(step: Step, outcome: Outcome) -> str:
    """What is not as the page says; empty where all is."""
    if outcome.code != 0:
        return f"{step.command}: exit code {outcome.code}: {outcome.output}"
    if step.output and not agrees(step.output, outcome.output):
        return f"{step.command}: {outcome.output}"
    return ""


def agrees(said: str, output: str) -> bool:
    """Whether output is what the page says, however its lines are broken."""
    parts = [re.escape(_plain(part)) for part in said.split(VARIES)]
    return re.fullmatch(r" ?.*? ?".join(parts), _plain(output), re.DOTALL) is not None


def _plain(text: str) -> str:
    return " ".join(text.split())
