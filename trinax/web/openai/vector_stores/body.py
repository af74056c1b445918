"""What OpenAI's clients send to search a vector store, and to list them."""

from typing import Annotated, Any, Literal

from pydantic import Field

from trinax.web.declaring.body import IGNORED, Body, Query, Sought, Whole
from trinax.web.openai.vector_stores.filters import StoreFilter

QUERIES_LIMIT = 16


class StoreRanking(Body):
    """ranker: all of them rank by words and meaning. score_threshold: of the results' score."""

    ranker: Literal["none", "auto", "default-2024-11-15", "default_2024_08_21"] = "auto"
    score_threshold: Annotated[float, Field(ge=0, le=1)] = 0.0
    hybrid_search: Annotated[Any, IGNORED] = None


class StoreSearchBody(Body):
    """query: several are searched for each by itself, and their results ranked together."""

    query: Sought | Annotated[list[Sought], Field(min_length=1, max_length=QUERIES_LIMIT)]
    max_num_results: Annotated[Whole, Field(ge=1, le=50)] = 10
    filters: StoreFilter | None = None
    ranking_options: StoreRanking = StoreRanking()
    rewrite_query: Annotated[bool, IGNORED] = False

    @property
    def queries(self) -> list[str]:
        return [self.query] if isinstance(self.query, str) else self.query

    @property
    def ignored(self) -> tuple[str, ...]:
        options = (f"ranking_options.{name}" for name in self.ranking_options.ignored)
        return (*super().ignored, *options)


class StoresQuery(Query):
    """after, before: the id of a store that the page begins behind, or ends before. order: of the
    ids, for it is not known when a collection was made."""

    limit: Annotated[Whole, Field(ge=1, le=100)] = 20
    order: Literal["asc", "desc"] = "asc"
    after: str = ""
    before: str = ""
