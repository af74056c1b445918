import json
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.answering.writers import Parrot
from tests.web.conftest import GUIDE, folders, serving

TEXT = (
    "The keeper of the lighthouse is called Marta Lindqvist [9]. Penguins swim in Antarctica [1]."
    " The lamp burns 45 litres of paraffin each night [1]."
)
SHOWN = (
    "The keeper of the lighthouse is called Marta Lindqvist. [{n}] Penguins swim in Antarctica."
    " The lamp burns 45 litres of paraffin each night."
)
BODY = {
    "model": "parrot",
    "messages": [{"role": "user", "content": "Who is the keeper of the lighthouse?"}],
    "collections": ["demo"],
}


@pytest.fixture(scope="module")
def parrot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(folders(tmp_path_factory.mktemp("base")), Parrot(TEXT)) as http:
        yield http


def test_citations_are_repaired_alike_in_stream_and_whole(parrot: TestClient) -> None:
    whole = parrot.post("/v1/chat/completions", json=BODY).json()
    frames = parrot.post("/v1/chat/completions", json={**BODY, "stream": True}).text
    events = [json.loads(line[6:]) for line in frames.split("\n") if line.startswith("data: {")]
    streamed = "".join(
        choice["delta"].get("content") or "" for event in events for choice in event["choices"]
    )
    text = whole["choices"][0]["message"]["content"]
    (n,) = whole["trinaxai"]["grounding"]["support"][0]["sources"]
    assert text == streamed == SHOWN.format(n=n)
    assert events[-1]["trinaxai"]["grounding"] == whole["trinaxai"]["grounding"]


def test_spans_reproduce_the_file(parrot: TestClient) -> None:
    answer = parrot.post("/v1/chat/completions", json=BODY).json()["trinaxai"]
    files = {source["n"]: source["file"] for source in answer["sources"]}
    spans = [span for one in answer["grounding"]["support"] for span in one["spans"]]
    assert spans
    for span in spans:
        assert files[span["n"]] == "guide.md"
        quote = GUIDE.encode()[span["start_byte"] : span["end_byte"]].decode()
        assert quote == span["quote"]
        assert quote in "\n".join(GUIDE.split("\n")[span["start_line"] - 1 : span["end_line"]])
