import math
from collections.abc import Iterator
from typing import Any

import gguf
import pytest
from starlette.testclient import TestClient

from tests import encoder_files as files
from tests.web.conftest import folders, serving

RERANK = "/v1/rerank"
ASKED = "Who is the keeper of the lighthouse?"
DOCUMENTS = [
    "Boil the beetroot for an hour, then add sour cream.",
    "The lamp of the lighthouse burns forty litres of paraffin each night.",
    "The keeper of the lighthouse is called Marta Lindqvist.",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """With a cross-encoder, "ranker", and an embedder, "tiny"."""
    settings = folders(tmp_path_factory.mktemp("base"))
    settings.models_dir.mkdir(parents=True)
    files.write_bert(settings.models_dir / "tiny.gguf", gguf.PoolingType.MEAN)
    files.write_bert(settings.models_dir / "ranker.gguf", gguf.PoolingType.RANK)
    with serving(settings) as http:
        yield http


def reranked(http: TestClient, **fields: Any) -> Any:
    answer = http.post(RERANK, json={"query": ASKED, "documents": DOCUMENTS, **fields})
    assert answer.status_code == 200, answer.text
    return answer


def places(answer: Any) -> list[int]:
    return [result["index"] for result in answer.json()["results"]]


def test_the_best_document_comes_first(http: TestClient) -> None:
    answer = reranked(http)
    assert places(answer) == [2, 1, 0]
    said = answer.json()
    assert said["model"] == "trinax-rank"
    scores = [result["relevance_score"] for result in said["results"]]
    assert scores == sorted(scores, reverse=True)
    assert said["data"] == said["results"]
    assert said["usage"]["total_tokens"] > len(DOCUMENTS)


@pytest.mark.parametrize("path", ["/v1/reranking", "/rerank", "/v2/rerank"])
def test_every_clients_path_is_known(http: TestClient, path: str) -> None:
    answer = http.post(path, json={"query": ASKED, "documents": DOCUMENTS})
    assert places(answer) == [2, 1, 0]


def test_only_the_first_can_be_asked_for(http: TestClient) -> None:
    assert places(reranked(http, top_n=2)) == [2, 1]
    assert places(reranked(http, top_n=99)) == [2, 1, 0]


def test_documents_are_repeated_on_request(http: TestClient) -> None:
    (best,) = reranked(http, top_n=1, return_documents=True).json()["results"]
    assert best["document"] == {"text": DOCUMENTS[2]}
    assert "document" not in reranked(http).json()["results"][0]


def test_documents_may_be_objects(http: TestClient) -> None:
    documents = [DOCUMENTS[0], {"text": DOCUMENTS[2], "id": 5}]
    assert places(reranked(http, documents=documents, rank_fields=["text"])) == [1, 0]


def test_an_installed_cross_encoder_is_auto(server: TestClient) -> None:
    said = reranked(server, query="the lamp", documents=["the lamp is lit", "fog"]).json()
    assert said["model"] == "ranker"
    tensors = files.bert_tensors(1)
    for result in said["results"]:
        text = ["the lamp is lit", "fog"][result["index"]]
        pair = [files.START, *files.ids("the lamp"), files.END, *files.ids(text)]
        logit = files.bert_outputs(pair, tensors)[0]
        assert result["relevance_score"] == pytest.approx(1 / (1 + math.exp(-logit)), abs=2e-3)


def test_the_built_in_one_can_be_asked_for_by_name(server: TestClient) -> None:
    answer = reranked(server, model="trinax-rank")
    assert (places(answer), answer.json()["model"]) == ([2, 1, 0], "trinax-rank")


def test_many_documents_keep_their_places(server: TestClient) -> None:
    documents = ["fog"] * 40
    documents[33] = "the lamp is lit"
    alone = reranked(server, query="the lamp", documents=[documents[33]]).json()["results"][0]
    results = reranked(server, query="the lamp", documents=documents).json()["results"]
    assert sorted(result["index"] for result in results) == list(range(40))
    (other,) = (result for result in results if result["index"] == 33)
    assert other["relevance_score"] == pytest.approx(alone["relevance_score"], abs=3e-3)


def test_what_was_cut_is_told(server: TestClient) -> None:
    long = "lamp " * files.CONTEXT_TOKENS
    answer = reranked(server, query="the lamp", documents=["fog"] * 20 + [long])
    assert answer.headers["x-trinax-truncated"] == "1"
    assert answer.json()["meta"]["warnings"] == [
        "Judged by their beginning, for they are too long: 20."
    ]
    assert "warnings" not in reranked(server).json()["meta"]


def test_a_query_that_leaves_no_room_is_refused(server: TestClient) -> None:
    asked = {"query": "lamp " * files.CONTEXT_TOKENS, "documents": ["fog"]}
    answer = server.post(RERANK, json=asked)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "query")


@pytest.mark.parametrize(
    ("fields", "status", "param"),
    [
        ({"query": " "}, 400, "query"),
        ({"query": None}, 400, "query"),
        ({"documents": []}, 400, "documents"),
        ({"documents": None}, 400, "documents"),
        ({"documents": ["a"] * 2049}, 400, "documents"),
        ({"documents": [{"image": "x"}]}, 400, "documents[0].text"),
        ({"documents": ["a", 5]}, 400, "documents[1]"),
        ({"top_n": 0}, 400, "top_n"),
        ({"rank_fields": ["title"]}, 400, "rank_fields"),
        ({"model": "rerank-v3.5"}, 404, "model"),
        ({"model": "trinax-embed"}, 400, "model"),
    ],
)
def test_a_wrong_field_is_named(
    http: TestClient, fields: dict[str, Any], status: int, param: str
) -> None:
    answer = http.post(RERANK, json={"query": ASKED, "documents": DOCUMENTS, **fields})
    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param)


def test_a_model_that_does_not_rank_says_so(server: TestClient) -> None:
    answer = server.post(RERANK, json={"query": ASKED, "documents": ["a"], "model": "tiny"})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "model")


def test_what_has_no_effect_is_listed(http: TestClient) -> None:
    answer = reranked(http, max_tokens_per_doc=512)
    assert answer.headers["x-trinax-ignored"] == "max_tokens_per_doc"


def test_the_ranker_is_a_model_among_others(http: TestClient) -> None:
    told = http.get("/v1/models/trinax-rank").json()
    assert (told["kind"], told["roles"], told["capabilities"]) == ("rank", ["rank"], ["rerank"])
