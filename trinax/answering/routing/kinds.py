"""What kind of work a request asks for, by features that can be read aloud.

The kinds and their borders: a fact that anyone could give in one line, or talk, is trivial; reading
or writing code is code; prose work with one aim is general; several parts that depend on one
another, weighing, planning or design is complex.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from trinax.answering.routing.features import features
from trinax.answering.routing.lexicon import lexicon
from trinax.answering.routing.shape import CODE_MARKS, TEXT_MARKS
from trinax.index.stopwords import STOPWORDS
from trinax.settings import Kind

KINDS: tuple[Kind, ...] = ("trivial", "code", "general", "complex")
REASONS = 3
# Less than this part of a kind's score is not told as a reason.
LEAST_REASON = 0.15
WORD = "word "
# Words that say too little to be told as a reason.
STOPPED = frozenset[str]().union(*STOPWORDS.values())
NOTHING = "nothing speaks for another kind"
MEASURES = {
    "at most 3 words": "it is short",
    "at most 7 words": "it is short",
    "over 18 words": "it is long",
    "over 40 words": "it is very long",
    "commas": "it lists several parts",
    "quotation": "it quotes something",
    "long quotation": "it brings a sentence to work on",
    "short quotation": "it quotes a word",
    "pasted text": "it brings a text to work on",
    "nothing but chat": "it is talk",
    "asks nothing": "it asks for nothing",
    "tells and asks nothing": "it tells something and asks for nothing",
    "chat and asks nothing": "it is talk that asks for nothing",
    "chat share": "much of it is talk",
    "like a question about the world": "it is a short question that names no document",
    "two meanings beside code": "it uses words of programmers beside code",
    "no words": "it has no words",
    "nothing known": "no word of it points elsewhere",
    "code marks": "it holds code",
}
MARKS = {name: reason for name, (reason, _) in {**CODE_MARKS, **TEXT_MARKS}.items()}

Weights = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """chances: of each kind, of sum 1. reasons: strongest first."""

    kind: Kind
    chances: Mapping[Kind, float]
    reasons: tuple[str, ...]

    @property
    def chance(self) -> float:
        return self.chances[self.kind]


def judged(text: str) -> Judgement:
    """By the weights that come with trinax."""
    return by_weights(features(text), weights())


def by_weights(found: Mapping[str, float], learned: Weights) -> Judgement:
    """learned: weights in the order of KINDS by feature; "" is what holds without any."""
    scores = [*learned[""]]
    for name, value in found.items():
        for place, weight in enumerate(learned.get(name, ())):
            scores[place] += value * weight
    raised = [math.exp(score - max(scores)) for score in scores]
    chances = {kind: part / sum(raised) for kind, part in zip(KINDS, raised, strict=True)}
    best = max(KINDS, key=lambda kind: chances[kind])
    return Judgement(best, chances, _reasons(found, learned, KINDS.index(best)))


@cache
def weights() -> Weights:
    """Read once; made by `python -m trinax.evaluation.routing train`."""
    text = files("trinax.answering.routing").joinpath("weights.json").read_text("utf-8")
    learned: dict[str, list[float]] = json.loads(text)
    return learned


def _reasons(found: Mapping[str, float], learned: Weights, place: int) -> tuple[str, ...]:
    """What speaks for a kind more than for the others on average; words are told together."""
    told = {**MARKS, **MEASURES, **lexicon().reasons}
    spoken: dict[str, float] = {}
    words: dict[str, float] = {}
    for name, value in found.items():
        row = learned.get(name, (0.0,) * len(KINDS))
        part = value * (row[place] - sum(row) / len(row))
        if name.startswith(WORD):
            words[name.removeprefix(WORD).removeprefix("^")] = part
        elif reason := told.get(name):
            spoken[reason] = spoken.get(reason, 0.0) + part
    telling = [word for word in words if words[word] > LEAST_REASON and not _says_little(word)]
    telling = sorted(telling, key=lambda word: -words[word])[:REASONS]
    if telling:
        shown = ", ".join(f"“{word}”" for word in telling)
        spoken[f"it says {shown}"] = sum(words[word] for word in telling)
    ranked = sorted(spoken, key=lambda reason: -spoken[reason])
    reasons = tuple(reason for reason in ranked if spoken[reason] > LEAST_REASON)
    return reasons[:REASONS] or (NOTHING,)


def _says_little(words: str) -> bool:
    return STOPPED.issuperset(words.split())
