"""What each word of a question adds to the BM25 score of a passage."""

from collections.abc import Mapping, Sequence

from trinax.index import analysis
from trinax.index.ports import Searchable
from trinax.index.records import Passage, Terms


class Shares:
    """Of one question. turns: texts with their weights, as followup.turns() gives them. home:
    chunk id → its store, which is asked for the rarity of each term once."""

    def __init__(self, turns: Sequence[tuple[str, float]], home: Mapping[str, Searchable]) -> None:
        self._words: dict[str, dict[int, float]] = {}
        for text, weight in turns:
            for word, ids in analysis.query_words(text):
                counts = self._words.setdefault(word, {})
                for term in ids:
                    counts[term] = counts.get(term, 0.0) + weight
        self._home = home
        self._rarities: dict[tuple[int, int], float] = {}

    def of(self, passage: Passage) -> dict[str, float]:
        """Each word, as it was written, that BM25 finds in the passage, the weightiest first;
        together they are its BM25 score."""
        terms = _weights(passage)
        store = self._home[passage.chunk.id]
        found = {
            word: sum(
                count * terms[term] * self._rarity(store, term)
                for term, count in counts.items()
                if term in terms
            )
            for word, counts in self._words.items()
            if not terms.keys().isdisjoint(counts)
        }
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))

    def _rarity(self, store: Searchable, term: int) -> float:
        """Its idf there, from the chunk where it counts most."""
        key = (id(store), term)
        if key not in self._rarities:
            hits = store.candidates(None, Terms((term,), (1.0,)), limit=1).bm25
            best = store.fetch([hit.chunk_id for hit in hits])
            weight = _weights(best[0]).get(term, 0.0) if best else 0.0
            self._rarities[key] = hits[0].score / weight if weight else 0.0
        return self._rarities[key]


def _weights(passage: Passage) -> dict[int, float]:
    chunk = passage.chunk
    terms = analysis.document_terms(chunk.text, chunk.context, passage.file, passage.language)
    return dict(zip(terms.ids, terms.weights, strict=True))
