"""How well each excerpt of the retrieved passages supports an answer to a question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trinax.embedding.ports import Embedder
from trinax.models.extractive import weights
from trinax.models.extractive.asking import Asked
from trinax.models.extractive.excerpts import Excerpt
from trinax.models.extractive.features import (
    NAMES,
    WORD,
    Material,
    Words,
    holding,
    matrix,
    term_ids,
    with_context,
    words,
)

WEIGHTS = np.array([weights.FITTED[name] for name in NAMES])
SUBJECT_CHARACTERS = 120
DEFINITION = re.compile(
    r"\b(?:def|class|func|function|fn|struct|enum|interface|trait|type|module|namespace|const|let"
    r"|var|sub)[ \t]{1,9}(\w{1,80})"
    r"|^[ \t]{0,80}(?:[\w*&<>]{1,80}[ \t]{1,9}){1,6}(\w{1,80})[ \t]{0,9}\(",
    re.MULTILINE,
)
BLOCKS = ("item", "table", "fence")


@dataclass(frozen=True, slots=True)
class Supported:
    """An excerpt and what it earned.

    share: of the question's words, in the excerpt with title and headings, in [0, 1].
    lines: of code the one that matches best, of a table the rows that match; from 0.
    """

    excerpt: Excerpt
    score: float
    share: float = 1.0
    lines: tuple[int, ...] = (0,)


def supported(asked: Asked, given: Material, embedder: Embedder | None = None) -> list[Supported]:
    """Every excerpt, best first. embedder: the one that the material was made with."""
    if not given.parts:
        return []
    found = words(asked.text, given)
    features = matrix(asked, found, given, embedder)
    scores = features @ WEIGHTS + _by_shape(asked, given.parts)
    held = with_context(found, given)
    shares = held.mean(axis=1) if found.ids else np.zeros(len(held))
    order = np.argsort(-scores, kind="stable")
    return [
        Supported(
            given.parts[i],
            float(scores[i]),
            float(shares[i]),
            _lines(asked, found, given.parts[i]),
        )
        for i in order
    ]


def defined_lines(names: frozenset[str], code: str) -> list[int]:
    """Lines, from 0, that define one of the names."""
    return [
        code.count("\n", 0, match.start(match.lastindex or 0))
        for match in DEFINITION.finditer(code)
        if names & {*match.groups()}
    ]


def _by_shape(asked: Asked, parts: Sequence[Excerpt]) -> np.ndarray:
    defines = _definition_of(asked.subject)
    scores = np.zeros(len(parts))
    for i, part in enumerate(parts):
        if defines and defines.match(part.text):
            scores[i] += weights.DEFINES
        if asked.how:
            scores[i] += weights.INSTRUCTS * (part.shape in BLOCKS)
            scores[i] += weights.LEADS_IN * _leads_in(parts, i)
        if part.shape == "code":
            scores[i] += _code(asked, part.text)
    return scores


def _leads_in(parts: Sequence[Excerpt], i: int) -> bool:
    if i + 1 == len(parts) or not parts[i].text.endswith((":", "：")):
        return False
    return parts[i + 1].n == parts[i].n and parts[i + 1].shape in BLOCKS


def _code(asked: Asked, code: str) -> float:
    score = weights.CODE if asked.code else -weights.CODE
    if defined_lines(_names(asked), code):
        return score + weights.DEFINED
    return score + weights.NAMED * any(name in code for name in asked.names)


def _names(asked: Asked) -> frozenset[str]:
    """What the question names; every word of it where nothing looks like a name of code."""
    return asked.names or frozenset(WORD.findall(asked.text))


def _definition_of(subject: str) -> re.Pattern[str] | None:
    """The beginning of a sentence that says what the subject is."""
    if not subject or len(subject) > SUBJECT_CHARACTERS:
        return None
    return re.compile(
        rf"^\W{{0,9}}(?:the |an? |el |la |le |der |die |das )?{re.escape(subject)}\W{{0,9}}"
        r" ?(?:is|are|means|es|son|est|sont|ist|sind|é|são|è|sono|是|指)(?:\b|(?<=[是指]))",
        re.IGNORECASE,
    )


def _lines(asked: Asked, found: Words, part: Excerpt) -> tuple[int, ...]:
    if part.shape not in ("code", "table"):
        return (0,)
    if part.shape == "code" and (defined := defined_lines(_names(asked), part.text)):
        return (defined[0],)
    terms = [term_ids(line, "") for line in part.text.split("\n")]
    shares = found.share(holding(found.ids, terms))
    if part.shape == "code":
        return (int(np.argmax(shares)),)
    return tuple(i for i, share in enumerate(shares) if share > 0 and share >= shares.max() / 2)
