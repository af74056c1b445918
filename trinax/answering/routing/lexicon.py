"""Words that say what kind of work is asked for, by what they tell, in eight languages."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from trinax.answering.routing.shape import CJK

PHRASE_WORDS = 3
LEAST_STEM, LONGEST_STEM = 3, 12

Groups = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """reasons: what a request does that holds a word of the group. exact: groups by word or, with
    "_" for the blank, by phrase. stems: by how a word begins. unspaced: Chinese and Japanese
    terms, which are found anywhere, for their writing has no blanks."""

    reasons: Mapping[str, str]
    exact: Groups
    stems: Groups
    unspaced: Groups

    def hits(self, words: list[str], text: str) -> dict[str, int]:
        """How many different words of each group there are. words: of the text, casefolded."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for phrase in _phrases(words, self.exact):
            for group in self.exact.get(phrase, ()):
                found[group].add(phrase)
            for end in range(LEAST_STEM, min(len(phrase), LONGEST_STEM) + 1):
                for group in self.stems.get(phrase[:end], ()):
                    found[group].add(phrase)
        inside = [term for term in self.unspaced if term in text] if CJK.search(text) else []
        for term in inside:
            for group in self.unspaced[term]:
                found[group].add(term)
        return {group: len(terms) for group, terms in found.items()}


@cache
def lexicon() -> Lexicon:
    """Read once from lexicon.json, where "*" stands for any ending. The words were taken from
    general knowledge of the languages; how much a group counts was learned."""
    rows = json.loads(files("trinax.answering.routing").joinpath("lexicon.json").read_text("utf-8"))
    terms = [(name, term) for name, row in rows.items() for term in " ".join(row["words"]).split()]
    return Lexicon(
        reasons={name: row["reason"] for name, row in rows.items()},
        exact=_grouped((n, t) for n, t in terms if not t.endswith("*") and not CJK.match(t)),
        stems=_grouped((n, t.rstrip("*")) for n, t in terms if t.endswith("*")),
        unspaced=_grouped((n, t) for n, t in terms if CJK.match(t)),
    )


def _grouped(terms: Iterator[tuple[str, str]]) -> Groups:
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for name, term in terms:
        found[term] = (*found[term], name)
    return dict(found)


def _phrases(words: list[str], known: Groups) -> Iterator[str]:
    """Words, what a hyphen joins in unknown ones, and up to three words in a row."""
    for start, word in enumerate(words):
        yield word
        if "-" in word and word not in known:
            yield from word.split("-")
        for length in range(2, PHRASE_WORDS + 1):
            yield "_".join(words[start : start + length])
