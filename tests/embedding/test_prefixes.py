import pytest

from trinax.embedding.prefixes import prefixes


@pytest.mark.parametrize(
    ("architecture", "name", "query", "passage"),
    [
        ("bert", "multilingual e5 small", "query: ", "passage: "),
        ("nomic-bert", "nomic-embed-text-v1.5", "search_query: ", "search_document: "),
        ("bert", "all-MiniLM-L6-v2", "", ""),
        ("bert", "", "", ""),
    ],
)
def test_prefixes_are_those_of_the_models_card(
    architecture: str, name: str, query: str, passage: str
) -> None:
    assert prefixes(architecture, name) == (query, passage)
