"""The passages of several passes in one ranking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trinax.answering.research.names import named
from trinax.answering.research.readings import Ids, Reading, Readings, readings
from trinax.answering.research.records import Pass
from trinax.retrieval.records import Ranked

# Round numbers on purpose; docs/decisions/0014-research.md shows what changing each does.
OWN = 0.5  # share of the words of the question in what a passage is worth; the rest is its score
COVERED = 0.5  # what a word still counts that a passage chosen before has
TITLE = 0.5  # for a title whose words all stand in the question
LATER = 1.0  # for the score in a pass with another question
LINK = 1.0  # for a name that a passage chosen before has brought up
TITLE_LINK = 2.0  # such a name counts so many times more if it is the passage's title
CONNECTED = 0.5  # share of a link that needs the words which that passage before lacks
RARE = 1.4  # rarity of a name of two words, both found nowhere else
NEW = 1.0  # for words of the question that no passage chosen before has

# What a page of sources shows; so many of the best of the question itself stand there whatever the
# other passes found. A question that names nothing has nothing to follow from one to the next.
SHOWN = 8
STAY = 5
STAY_UNNAMED = 6


@dataclass(frozen=True, slots=True)
class Chosen:
    """strength: how sure it belongs to the answer, in [0, 1]; what it names counts by that."""

    reading: Reading
    strength: float


def merged(query: str, passes: Sequence[Pass], limit: int) -> tuple[tuple[Ranked, ...], int]:
    """Each text once, best first, and how many there was no room for.

    The scores say how the ranking was built, in [0, 1] and never rising. One pass stays as it is.
    """
    found = [each for each in passes if each.found.ranked]
    if len(found) == 1:
        return found[0].found.ranked[:limit], max(0, len(found[0].found.ranked) - limit)
    read = readings(query, found)
    first = _first(query, found)
    stay = first[: STAY if named(query) else STAY_UNNAMED]
    order = chosen(read, limit)
    here = {each.reading.passage.chunk.id for each in order}
    order += [
        Chosen(each, 0.0)
        for each in read.every
        if each.passage.chunk.id in stay and each.passage.chunk.id not in here
    ]
    order = _staying(order, stay, min(limit, SHOWN))[:limit]
    ranked, score = [], 1.0
    for each in order:
        score = min(score, each.strength)
        ranked.append(Ranked(each.reading.passage, score))
    return tuple(ranked), len(read.every) - len(ranked)


def chosen(read: Readings, limit: int) -> list[Chosen]:
    """One after the other, each the passage that adds most to those before it: by itself, by the
    words of the question that it brings, and by what connects it with them."""
    left = {id(reading): reading for reading in read.every}
    alone = {key: _alone(reading, read) for key, reading in left.items()}
    links = dict.fromkeys(left, 0.0)
    covered: set[Ids] = set()
    order: list[Chosen] = []
    whole = _whole(read)
    while left and len(order) < limit:
        gains = {
            key: alone[key] + LINK * links[key] + _words(reading, read, covered, whole)
            for key, reading in left.items()
        }
        best = max(left, key=gains.__getitem__)
        reading = left.pop(best)
        own = OWN * _sum(reading.held, read.worth, frozenset()) / whole
        strength = min(1.0, alone[best] + own + LINK * links[best])
        order.append(Chosen(reading, strength))
        covered |= reading.held.keys()
        lead = _lead(reading, read)
        for key, other in left.items():
            links[key] = max(links[key], strength * _link(lead, other, read))
    return order


@dataclass(frozen=True, slots=True)
class _Lead:
    """What a passage leaves to follow. names: that the question lacks → how rare they are.
    missing: words of the question that are not in it."""

    names: Mapping[Ids, float]
    missing: tuple[Ids, ...]
    total: float


def _lead(before: Reading, read: Readings) -> _Lead:
    names = {ids: read.rarity(ids) for ids in before.text.names if not ids <= read.question.ids}
    missing = tuple(ids for ids in read.question.words if ids not in before.held)
    return _Lead(names, missing, sum(read.worth[ids] for ids in missing))


def _link(lead: _Lead, other: Reading, read: Readings) -> float:
    """How well a passage goes on from one before it, in [0, 1]."""
    weights, titles = other.text.weights, other.text.titles
    rarest = 0.0
    for ids, rarity in lead.names.items():
        if ids <= weights.keys():
            rarest = max(rarest, rarity * (TITLE_LINK if ids in titles else 1.0))
    if not rarest:
        return 0.0
    brought = sum(read.worth[ids] for ids in lead.missing if ids in other.held)
    share = brought / lead.total if lead.total else 0.0
    return min(1.0, rarest / (RARE * TITLE_LINK)) * (1 - CONNECTED + CONNECTED * share)


def _alone(reading: Reading, read: Readings) -> float:
    asked_for = [title for title in reading.text.titles if title <= read.question.ids]
    rare = max((sum(read.idf.get(id, read.most) for id in ids) for ids in asked_for), default=0.0)
    return (
        (1 - OWN) * reading.first + LATER * reading.later + TITLE * min(1.0, rare / (2 * read.most))
    )


def _words(reading: Reading, read: Readings, covered: set[Ids], whole: float) -> float:
    new = sum(read.worth[ids] for ids in reading.held if ids not in covered)
    total = sum(read.worth.values()) or 1.0
    return OWN * _sum(reading.held, read.worth, covered) / whole + NEW * new / total


def _whole(read: Readings) -> float:
    return (
        max((_sum(each.held, read.worth, frozenset()) for each in read.every), default=0.0) or 1.0
    )


def _sum(
    held: Mapping[Ids, float], worth: Mapping[Ids, float], covered: set[Ids] | frozenset[Ids]
) -> float:
    return sum(
        worth[ids] * weight * (COVERED if ids in covered else 1.0) for ids, weight in held.items()
    )


def _first(query: str, passes: Sequence[Pass]) -> list[str]:
    return [
        ranked.passage.chunk.id
        for each in passes
        if each.question == query
        for ranked in each.found.ranked
    ]


def _staying(order: list[Chosen], stay: Sequence[str], shown: int) -> list[Chosen]:
    """The order with those that are to stay among the first `shown`."""
    wanted = list(stay)
    kept: list[Chosen] = []
    later: list[Chosen] = []
    for each in order:
        is_wanted = each.reading.passage.chunk.id in wanted
        if is_wanted:
            wanted.remove(each.reading.passage.chunk.id)
        room = is_wanted or len(kept) + len(wanted) < shown
        (kept if room else later).append(each)
    return kept + later
