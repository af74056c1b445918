"""What to search for next: a name that the passages found bring up, with what they leave open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trinax.answering.research.merging import RARE, SHOWN, Chosen, chosen
from trinax.answering.research.readings import Ids, Readings, readings, sentence_around
from trinax.answering.research.records import Pass
from trinax.index import analysis

# Names in one search: those beside the best cost little and are often the right ones.
NAMES = 2
GROUPS = 3  # of names that a passage is followed by
NEAR = 0.5  # share of a name's worth that needs the question's words in the same sentence


@dataclass(frozen=True, slots=True)
class Bridge:
    """question: the names, then the words of the query that their passage lacks."""

    question: str
    worth: float


def bridge(query: str, passes: Sequence[Pass]) -> str | None:
    """The best search that the passes so far suggest; None if they suggest no new one."""
    read = readings(query, passes)
    searched = {each.question.casefold() for each in passes}
    tried = " | ".join(text for text in searched if text != query.casefold())
    found = [
        each
        for one in chosen(read, SHOWN)
        for each in _bridges(one, read, tried)
        if each.question.casefold() not in searched
    ]
    return max(found, key=lambda each: each.worth).question if found else None


def _bridges(one: Chosen, read: Readings, tried: str) -> Iterator[Bridge]:
    reading = one.reading
    missing = [word for ids, word in read.question.words.items() if ids not in reading.held]
    if not missing:
        return
    worths = {
        ids: _worth(ids, one, read)
        for ids, name in reading.text.names.items()
        if name.text.casefold() not in tried
    }
    order = [ids for ids in sorted(worths, key=worths.__getitem__, reverse=True) if worths[ids]]
    for start in range(0, min(len(order), GROUPS * NAMES), NAMES):
        group = order[start : start + NAMES]
        texts = [reading.text.names[ids].text for ids in group]
        yield Bridge(" ".join((*texts, *missing)), one.strength * worths[group[0]])


def _worth(ids: Ids, one: Chosen, read: Readings) -> float:
    """How rare a name is and how near it stands to what the passage was found by."""
    held = one.reading.held
    total = sum(read.worth[word] for word in held)
    at = one.reading.text.names[ids].start
    sentence = sentence_around(one.reading.passage.chunk.text, at)
    here = frozenset(analysis.document_terms(sentence, "", "", one.reading.passage.language).ids)
    near = sum(read.worth[word] for word in held if not word.isdisjoint(here))
    share = near / total if total else 0.0
    return min(1.0, read.rarity(ids) / RARE) * (1 - NEAR + NEAR * share)
