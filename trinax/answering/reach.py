"""Where answers are looked for."""

from dataclasses import dataclass, replace

from trinax.answering.attaching import Attaching
from trinax.retrieval.retriever import Retriever
from trinax.websearch.web import Web


@dataclass(frozen=True, slots=True)
class Reach:
    """web: None where it is not searched."""

    retriever: Retriever
    attaching: Attaching
    web: Web | None = None

    def within(self, collections: frozenset[str] | None) -> "Reach":
        """Of the collections only these; None for all."""
        return replace(self, retriever=self.retriever.within(collections))
