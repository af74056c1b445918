"""Which citations of a sentence stay, which change, and which are added."""

from collections.abc import Collection, Sequence
from typing import Protocol

from trinax.answering.grounding.carrying import FLOOR, Carriers

# Another passage carries a sentence clearly better when it scores so much more.
CLEARLY = 0.25
# A citation is added only where the best passage is this sure.
ADDED = 0.8
# Of fewer content words there is too little to tell whose they are.
LEAST_WORDS = 2


class Judge(Protocol):
    """Implemented by Binder, Existing and AsWritten."""

    def kept(self, clause: str, numbers: Sequence[int]) -> tuple[int, ...]:
        """The numbers to show where a clause was cited with these, () for none. clause: "" for
        a citation that stands before all text."""

    def added(self, sentence: str) -> int | None:
        """The number that a sentence without one gets."""


class AsWritten:
    """Leaves a text as it is, for reading it."""

    def kept(self, clause: str, numbers: Sequence[int]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(numbers))

    def added(self, sentence: str) -> int | None:
        return None


class Existing:
    """For a model that quotes: what it cites is right, as long as there is such a passage."""

    def __init__(self, known: Collection[int]) -> None:
        self._known = known

    def kept(self, clause: str, numbers: Sequence[int]) -> tuple[int, ...]:
        return tuple(n for n in dict.fromkeys(numbers) if n in self._known)

    def added(self, sentence: str) -> int | None:
        return None


class Binder:
    """Binds sentences to the passages that carry them."""

    def __init__(self, carriers: Carriers) -> None:
        self._carriers = carriers

    def kept(self, clause: str, numbers: Sequence[int]) -> tuple[int, ...]:
        """Of several numbers those stay that carry the clause alone, or all if they do so only
        together; one that does not carry it gives way to the one that does."""
        known = [n for n in dict.fromkeys(numbers) if n in self._carriers.numbers]
        if not known or not clause:
            # What comes before its sentence is judged, and set, at the sentence's end.
            return ()
        scores = self._carriers.scores(clause)
        if not scores:
            # It states nothing that could be compared.
            return tuple(known)
        best = max(scores, key=lambda n: (scores[n], n in known, -n))
        stay = [n for n in known if scores[n] >= self._carriers.floor(clause, [n])]
        if stay and (best in stay or scores[best] - max(scores[n] for n in stay) <= CLEARLY):
            return tuple(stay)
        if scores[best] >= FLOOR:
            return (best,)
        if len(known) > 1 and self._carriers.together(clause, known) >= FLOOR:
            return tuple(known)
        return ()

    def added(self, sentence: str) -> int | None:
        if self._carriers.states(sentence) < LEAST_WORDS:
            return None
        scores = self._carriers.scores(sentence)
        best = max(scores, key=lambda n: (scores[n], -n), default=0)
        return best if scores.get(best, 0.0) >= ADDED else None
