from tests.retrieval.conftest import Fill
from trinax.retrieval.records import Query
from trinax.retrieval.retriever import Retriever

OWLS = {
    "barn.md": [f"The owl on beam {number} of the barn hunts mice." for number in range(12)],
    "tower.md": ["The owl in the tower hunts frogs."],
    "tundra.md": ["The owl of the tundra hunts lemmings.", "An owl may be white."],
}


def files(retriever: Retriever, query: Query) -> list[str]:
    return [one.passage.file for one in retriever.found(query).ranked]


def test_no_file_has_more_passages_than_were_asked_for(fill: Fill, retriever: Retriever) -> None:
    fill("owls", OWLS)
    found = files(retriever, Query("owl barn beam", per_file=1))
    assert found[0] == "barn.md"
    assert sorted(found) == ["barn.md", "tower.md", "tundra.md"]
    assert files(retriever, Query("owl barn beam", limit=5)) == ["barn.md"] * 5


def test_each_file_shows_its_best_passages_in_order(fill: Fill, retriever: Retriever) -> None:
    fill("owls", OWLS)
    everything = retriever.found(Query("owl tundra", limit=20)).ranked
    spread = retriever.found(Query("owl tundra", limit=20, per_file=2)).ranked
    assert [one for one in everything if one in spread] == list(spread)
    assert len(spread) == 5


def test_pages_go_on_where_the_last_one_ended(fill: Fill, retriever: Retriever) -> None:
    fill("owls", OWLS)
    whole = files(retriever, Query("owl", limit=5, per_file=2))
    pages = [files(retriever, Query("owl", limit=2, offset=at, per_file=2)) for at in (0, 2, 4)]
    assert [file for page in pages for file in page] == whole


def test_what_gave_way_says_so(fill: Fill, retriever: Retriever) -> None:
    fill("owls", OWLS)
    found = retriever.found(Query("owl barn", per_file=1, explain=True))
    reasons = {one.explanation.dropped for one in found.dropped if one.explanation}
    assert reasons == {"enough of this file before it"}
    assert len(found.dropped) == 12
