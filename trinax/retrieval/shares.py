"""What each word of a question adds to the BM25 score of a passage."""

from collections.abc import Mapping, Sequence

from trinax.index import analysis, bm25
from trinax.index.ports import Searchable
from trinax.index.records import Passage


class Shares:
    """Of one question. turns: texts with their weights, as followup.turns() gives them. home:
    chunk id → its store, which is asked once how rare the terms are."""

    def __init__(self, turns: Sequence[tuple[str, float]], home: Mapping[str, Searchable]) -> None:
        self._words: dict[str, dict[int, float]] = {}
        for text, weight in turns:
            for word, ids in analysis.query_words(text):
                counts = self._words.setdefault(word, {})
                for term in ids:
                    counts[term] = counts.get(term, 0.0) + weight
        self._terms = list({term for counts in self._words.values() for term in counts})
        self._home = home
        self._rarities: dict[int, dict[int, float]] = {}

    def of(self, passage: Passage) -> dict[str, float]:
        """Each word, as it was written, that BM25 finds in the passage, the weightiest first;
        together they are its BM25 score."""
        terms = _weights(passage)
        rarities = self._rarities_in(self._home[passage.chunk.id])
        found = {
            word: sum(
                count * terms[term] * rarities[term]
                for term, count in counts.items()
                if term in terms
            )
            for word, counts in self._words.items()
            if not terms.keys().isdisjoint(counts)
        }
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))

    def _rarities_in(self, store: Searchable) -> dict[int, float]:
        if id(store) not in self._rarities:
            found = store.frequencies(self._terms)
            self._rarities[id(store)] = {
                term: bm25.rarity(found.chunks, number)
                for term, number in zip(self._terms, found.holding, strict=True)
            }
        return self._rarities[id(store)]


def _weights(passage: Passage) -> dict[int, float]:
    chunk = passage.chunk
    terms = analysis.document_terms(chunk.text, chunk.context, passage.file, passage.language)
    return dict(zip(terms.ids, terms.weights, strict=True))
