import base64
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import gguf
import numpy as np
import pytest
from anyio import from_thread
from starlette.requests import ClientDisconnect, Request
from starlette.testclient import TestClient
from starlette.types import Message

from tests import encoder_files as files
from tests.web.conftest import folders, serving
from trinax.access.policy import ALL, Caller
from trinax.embedding.ports import Reading, Vectors
from trinax.embedding.static import StaticEmbedder
from trinax.models.catalogue.catalogue import Catalogue
from trinax.models.pool import Pool
from trinax.settings import Embedding, Settings
from trinax.web.declaring.body import Room, read
from trinax.web.middleware import CALLER
from trinax.web.openai.embeddings import Embeddings, EmbeddingsBody
from trinax.web.wire.embedding import SLICE_TOKENS, Embedders

EMBEDDINGS = "/v1/embeddings"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """With an embedder, "tiny", one whose vectors can be shortened, "nested", and a cross-encoder,
    "ranker"."""
    settings = folders(tmp_path_factory.mktemp("base"))
    settings.models_dir.mkdir(parents=True)
    files.write_bert(settings.models_dir / "tiny.gguf", gguf.PoolingType.MEAN)
    files.write_bert(settings.models_dir / "ranker.gguf", gguf.PoolingType.RANK)
    files.write_qwen3(settings.models_dir / "nested.gguf", gguf.PoolingType.LAST)
    with serving(settings) as http:
        yield http


def embedded(http: TestClient, inputs: Any, **fields: Any) -> Any:
    answer = http.post(EMBEDDINGS, json={"model": "tiny", "input": inputs, **fields})
    assert answer.status_code == 200, answer.text
    return answer


def test_each_text_gets_its_vector(http: TestClient) -> None:
    answer = http.post(EMBEDDINGS, json={"model": "auto", "input": ["lamp", "keeper"]}).json()
    assert answer["model"] == "trinax-embed"
    assert [row["index"] for row in answer["data"]] == [0, 1]
    norms = [np.linalg.norm(row["embedding"]) for row in answer["data"]]
    assert norms == pytest.approx([1.0, 1.0], abs=1e-5)
    assert answer["usage"]["total_tokens"] >= 2


def test_base64_holds_the_same_numbers(http: TestClient) -> None:
    body = {"model": "trinax-embed", "input": "lamp"}
    plain = http.post(EMBEDDINGS, json=body).json()["data"][0]["embedding"]
    packed = http.post(EMBEDDINGS, json=body | {"encoding_format": "base64"}).json()
    numbers = np.frombuffer(base64.b64decode(packed["data"][0]["embedding"]), "<f4")
    assert numbers.tolist() == pytest.approx(plain)


@pytest.mark.parametrize(
    ("fields", "status", "param"),
    [
        ({"input": None}, 400, "input"),
        ({"input": ""}, 400, "input"),
        ({"input": []}, 400, "input"),
        ({"input": ["a", ""]}, 400, "input"),
        ({"input": ["a", ["b"]]}, 400, "input"),
        ({"input": [1, "a", True]}, 400, "input"),
        ({"input": [[1], []]}, 400, "input"),
        ({"input": [1, 2]}, 400, "input"),  # the built-in model takes no ids
        ({"input": ["a", [1, 2]]}, 400, "input[1]"),
        ({"truncate": "END"}, 400, "truncate"),
        ({"model": "trinax-extract"}, 400, "model"),
        ({"input": ["a"] * 2049}, 400, "input"),
        ({"model": "none"}, 404, "model"),
        ({"dimensions": 7}, 400, "dimensions"),
        ({"encoding_format": "hex"}, 400, "encoding_format"),
    ],
)
def test_a_wrong_field_is_named(
    http: TestClient, fields: dict[str, Any], status: int, param: str
) -> None:
    answer = http.post(EMBEDDINGS, json={"input": "lamp", "model": "auto", **fields})
    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param)


def test_an_installed_model_embeds(server: TestClient) -> None:
    answer = embedded(server, ["the lamp", "fog"]).json()
    assert answer["model"] == "tiny"
    row = [files.START, *files.ids("the lamp"), files.END]
    mean = files.bert(row, files.bert_tensors(0)).mean(axis=0)
    expected = mean / np.linalg.norm(mean)
    np.testing.assert_allclose(answer["data"][0]["embedding"], expected, atol=2e-3)


def test_usage_counts_the_models_own_tokens(server: TestClient) -> None:
    usage = embedded(server, ["the lamp", "fog"]).json()["usage"]
    assert usage == {"prompt_tokens": 7, "total_tokens": 7}  # each has a mark on either side


def test_ids_of_tokens_embed_as_their_text(server: TestClient) -> None:
    text, ids = "the lamp is lit", files.ids("the lamp is lit")
    inputs = [ids, [files.START, *ids, files.END]]
    vectors = [row["embedding"] for row in embedded(server, inputs).json()["data"]]
    expected = embedded(server, text).json()["data"][0]["embedding"]
    np.testing.assert_allclose(vectors, [expected] * 2, atol=1e-5)
    single = embedded(server, ids).json()["data"]
    np.testing.assert_allclose(single[0]["embedding"], expected, atol=1e-5)


def test_ids_that_the_model_does_not_have_are_refused(server: TestClient) -> None:
    body = {"model": "tiny", "input": [[5, 6], [5, len(files.PIECES)]]}
    answer = server.post(EMBEDDINGS, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "input[1]"


def test_an_input_that_is_too_long_is_named(server: TestClient) -> None:
    long = "lamp " * files.CONTEXT_TOKENS
    answer = server.post(EMBEDDINGS, json={"model": "tiny", "input": ["fog", long]})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["param"] == "input[1]"
    assert f"has {files.CONTEXT_TOKENS + 2} tokens and 'tiny' takes 48" in error["message"]


def test_inputs_are_cut_on_request_and_counted(server: TestClient) -> None:
    fits = "lamp " * (files.CONTEXT_TOKENS - 2)
    answer = embedded(server, ["fog", fits, fits + "horn"], truncate=True)
    assert answer.headers["x-trinax-truncated"] == "1"
    _, whole, cut = (row["embedding"] for row in answer.json()["data"])
    np.testing.assert_allclose(cut, whole, atol=1e-5)
    assert answer.json()["usage"]["total_tokens"] == 3 + 2 * files.CONTEXT_TOKENS


def test_nothing_cut_is_nothing_said(server: TestClient) -> None:
    assert "x-trinax-truncated" not in embedded(server, "fog", truncate=True).headers


def test_many_inputs_keep_their_order(server: TestClient) -> None:
    texts = [" ".join(files.WORDS[: 1 + place % 12]) for place in range(400)]
    rows = embedded(server, texts).json()["data"]
    expected = [row["embedding"] for row in rows[:12]] * math.ceil(400 / 12)
    assert [row["index"] for row in rows] == list(range(400))
    np.testing.assert_allclose([row["embedding"] for row in rows], expected[:400], atol=3e-3)


def test_the_beginning_of_a_vector_is_one_where_the_model_was_trained_so(
    server: TestClient,
) -> None:
    (whole,) = embedded(server, "one two", model="nested").json()["data"]
    (short,) = embedded(server, "one two", model="nested", dimensions=8).json()["data"]
    beginning = np.array(whole["embedding"][:8])
    expected = beginning / np.linalg.norm(beginning)
    np.testing.assert_allclose(short["embedding"], expected, atol=1e-6)


@pytest.mark.parametrize("fields", [{"dimensions": 8}, {"dimensions": 999, "model": "nested"}])
def test_other_vectors_keep_their_width(server: TestClient, fields: dict[str, Any]) -> None:
    answer = server.post(EMBEDDINGS, json={"model": "tiny", "input": "fog", **fields})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "dimensions")


def test_the_own_width_is_no_wish(server: TestClient) -> None:
    (row,) = embedded(server, "fog", dimensions=files.WIDTH).json()["data"]
    assert len(row["embedding"]) == files.WIDTH


def test_who_the_user_is_has_no_effect(server: TestClient) -> None:
    assert embedded(server, "fog", user="me").headers["x-trinax-ignored"] == "user"


def test_a_model_that_does_not_embed_says_so(server: TestClient) -> None:
    answer = server.post(EMBEDDINGS, json={"model": "ranker", "input": "fog"})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "model")


def test_a_collections_own_gguf_is_auto(tmp_path: Path) -> None:
    settings = replace(folders(tmp_path), embedding=Embedding(model="tiny"))
    settings.models_dir.mkdir(parents=True)
    files.write_bert(settings.models_dir / "tiny.gguf", gguf.PoolingType.MEAN)
    with serving(settings) as http:
        assert http.post(EMBEDDINGS, json={"input": "fog"}).json()["model"] == "tiny"
        body = {"model": "trinax-embed", "input": "fog"}
        assert http.post(EMBEDDINGS, json=body).json()["model"] == "trinax-embed"


class Watched(StaticEmbedder):
    """Counts slices; the first one lasts until the client has gone."""

    def __init__(self) -> None:
        super().__init__()
        self.slices = 0
        self.begun, self.gone = anyio.Event(), anyio.Event()

    def vectors(self, readings: Sequence[Reading]) -> Vectors:
        self.slices += 1
        from_thread.run_sync(self.begun.set)
        from_thread.run(self.gone.wait)
        return super().vectors(readings)


async def test_a_client_that_goes_away_stops_it_between_two_slices(settings: Settings) -> None:
    embedder = Watched()
    body = json.dumps({"input": ["lamp " * SLICE_TOKENS] * 3}).encode()
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await embedder.begun.wait()
        embedder.gone.set()
        return {"type": "http.disconnect"}

    pool = Pool(Catalogue(settings.models_dir), settings.models)
    asking = Caller("loopback", ALL)
    scope = {"type": "http", "method": "POST", "headers": [], CALLER: asking}
    request = Request(scope, receive)
    (create,) = Embeddings(Embedders(embedder, pool)).operations()
    with pytest.raises(ClientDisconnect):
        await create.endpoint(request, await read(request, EmbeddingsBody, Room(1_000_000)))
    assert embedder.slices == 1
