from collections.abc import Iterator

import openai
import pytest

from tests.models.upstream.player import listening
from tests.web.asking import KEEPER
from tests.web.conftest import application
from trinax.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture
def client(settings: Settings) -> Iterator[openai.OpenAI]:
    for name in ("a", "b"):
        (settings.collections_dir / name).mkdir()
    with (
        listening(application(settings)) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="sk-anything", max_retries=0) as client,
    ):
        yield client


def test_the_sdk_searches_a_store(client: openai.OpenAI) -> None:
    page = client.vector_stores.search(
        "demo",
        query=[KEEPER],
        max_num_results=5,
        filters={"type": "eq", "key": "kind", "value": "markdown"},
        ranking_options={"ranker": "auto", "score_threshold": 0.1},
    )
    best, *others = list(page)
    assert (best.file_id, best.filename) == ("demo/guide.md", "guide.md")
    assert "Marta Lindqvist" in best.content[0].text
    assert best.attributes is not None
    assert best.attributes["kind"] == "markdown"
    assert all(best.score >= other.score >= 0.1 for other in others)


def test_the_sdk_lists_stores_page_by_page(client: openai.OpenAI) -> None:
    assert [store.id for store in client.vector_stores.list(limit=1)] == ["a", "b", "demo"]
    store = client.vector_stores.retrieve("demo")
    assert (store.name, store.file_counts.completed) == ("demo", 2)


def test_the_sdk_sees_errors_as_its_own(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.vector_stores.search("none", query=KEEPER)
    with pytest.raises(openai.BadRequestError) as refused:
        client.vector_stores.search("demo", query=KEEPER, max_num_results=51)
    assert refused.value.param == "max_num_results"
