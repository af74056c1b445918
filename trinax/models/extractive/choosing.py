"""Which excerpts are quoted, and in what order."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from trinax.models.extractive.asking import Asked
from trinax.models.extractive.excerpts import Excerpt
from trinax.models.extractive.features import WORD
from trinax.models.extractive.support import Supported

QUOTES_LIMIT = 4
# An excerpt whose score is this much below the best is left out; docs/decisions/0012 has what
# other values give.
MARGIN = 2.5
CODE_LIMIT = 2
ITEMS_LIMIT = 8
SCRAP_LETTERS = 10  # a heading or a label has fewer, and is quoted only where it is the best
NEW_SHARE = 0.25  # of the words of an excerpt, at least, beside those of a chosen one

# What begins so is not understood without the sentence before it, which is quoted too.
POINTS_BACK = re.compile(
    r"\W{0,3}(?:he|she|it|they|his|her|its|their|this|these|those|él|ella|ellos|ellas|il|elle|ils"
    r"|elles|er|sie|es|ele|ela|eles|elas)\s|[他她它]",
    re.IGNORECASE,
)

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Quote:
    """Excerpts that follow each other in one passage. also: numbers of other passages in which
    all of them stand, word for word."""

    group: tuple[Supported, ...]
    also: tuple[int, ...] = ()

    @property
    def n(self) -> int:
        return self.group[0].excerpt.n

    @property
    def score(self) -> float:
        return max(one.score for one in self.group)


def quotes(asked: Asked, ranked: Sequence[Supported], limit: int = QUOTES_LIMIT) -> list[Quote]:
    """The best quote first, the others in the order of passages and text.

    ranked: best first, of a question's excerpts.
    """
    chosen, twins = _chosen(ranked, limit)
    if not chosen:
        return []
    places = {_place(one.excerpt): one for one in ranked}
    best = chosen[0]
    taken = {_place(one.excerpt) for one in chosen}
    for one in chosen:
        taken |= _company(asked, one.excerpt, places)
    if POINTS_BACK.match(best.excerpt.text) and (best.excerpt.n, best.excerpt.order - 1) in places:
        taken.add((best.excerpt.n, best.excerpt.order - 1))
    first, *rest = sorted(
        _joined([places[place] for place in taken], best), key=lambda group: best not in group
    )
    rest.sort(key=lambda group: _place(group[0].excerpt))
    return [Quote(tuple(group), _in_all(group, twins)) for group in (first, *rest)]


def _chosen(
    ranked: Sequence[Supported], limit: int
) -> tuple[list[Supported], dict[Place, set[int]]]:
    """What is worth a quote, best first, and in which other passages each stands too."""
    chosen: list[Supported] = []
    said: dict[tuple[str, ...], Place] = {}
    twins: dict[Place, set[int]] = {}
    code = 0
    for one in ranked:
        words = tuple(WORD.findall(one.excerpt.text.casefold()))
        place = _place(one.excerpt)
        if words in said:
            twins[said[words]].add(one.excerpt.n)
            continue
        is_code = one.excerpt.shape == "code"
        if len(chosen) == limit or one.score < ranked[0].score - MARGIN:
            continue
        if (is_code and code == CODE_LIMIT) or _adds_little(words, said):
            continue
        code += is_code
        chosen.append(one)
        said[words] = place
        twins[place] = set()
    return chosen, twins


def _adds_little(words: Sequence[str], said: Collection[Sequence[str]]) -> bool:
    """Whether it is a scrap beside a chosen excerpt, or nearly all words and all numbers stand in
    one."""
    if said and sum(map(len, words)) < SCRAP_LETTERS:
        return True
    for known in said:
        new = set(words) - set(known)
        if len(new) < NEW_SHARE * len(set(words)) and not any(map(str.isdigit, new)):
            return True
    return False


def _company(asked: Asked, excerpt: Excerpt, places: Mapping[Place, Supported]) -> set[Place]:
    """What has to be shown with an excerpt: a block with the line that introduces it, a list."""
    n, order = _place(excerpt)
    company: set[Place] = set()
    if excerpt.text.endswith((":", "：")):
        company |= _items(places, n, order + 1)
        if _shape(places, n, order + 1) in ("table", "fence"):
            company.add((n, order + 1))
    if excerpt.shape == "item" and asked.how:
        start = order
        while order - start < ITEMS_LIMIT and _shape(places, n, start - 1) == "item":
            start -= 1
        company |= _items(places, n, start)
        order = start
    if excerpt.shape in ("item", "table", "fence"):
        before = places.get((n, order - 1))
        if before and before.excerpt.text.endswith((":", "：")):
            company.add((n, order - 1))
    return company


def _items(places: Mapping[Place, Supported], n: int, start: int) -> set[Place]:
    found: set[Place] = set()
    while len(found) < ITEMS_LIMIT and _shape(places, n, start) == "item":
        found.add((n, start))
        start += 1
    return found


def _shape(places: Mapping[Place, Supported], n: int, order: int) -> str:
    one = places.get((n, order))
    return one.excerpt.shape if one else ""


def _joined(chosen: Sequence[Supported], best: Supported) -> list[list[Supported]]:
    """Excerpts that stand side by side as one group in their own order, except that the best
    sentence begins one: whoever asks wants to read it first."""
    groups: list[list[Supported]] = []
    for one in sorted(chosen, key=lambda one: _place(one.excerpt)):
        last = groups[-1][-1].excerpt if groups else None
        begins = one is best and one.excerpt.shape == "sentence"
        if last and (last.n, last.order + 1) == _place(one.excerpt) and not begins:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _in_all(group: Sequence[Supported], twins: Mapping[Place, set[int]]) -> tuple[int, ...]:
    found = [twins.get(_place(one.excerpt), set()) for one in group]
    return tuple(sorted(set.intersection(*found) - {group[0].excerpt.n}))


def _place(excerpt: Excerpt) -> Place:
    return excerpt.n, excerpt.order
