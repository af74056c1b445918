"""What trinax says about itself, from its handbook alone and without a language model."""

import json
import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.docs.handbook import HANDBOOK
from tests.docs.pages import ROOT
from tests.web.conftest import folders, serving

# Question → the page that has to be cited, and words of the answer.
QUESTIONS = {
    "How do I add a model?": ("models.md", "GGUF"),
    "How do I download a model?": ("models.md", "trinax models pull"),
    "Which files are never indexed?": ("what-is-not-indexed.md", "never"),
    "How do I make an API key?": ("access.md", "keys create"),
    "How do I revoke a key?": ("access.md", "revoke"),
    "What is the admin token?": ("access.md", "secret"),
    "How do I rename a collection?": ("collections.md", "rename"),
    "How do I upload files to a collection?": ("collections.md", "upload"),
    "How do I pause indexing?": ("collections.md", "pause"),
    "How can I check a citation?": ("citations.md", "lines"),
    "What does the verdict insufficient mean?": ("asking-questions.md", "nothing relevant"),
    "How do I attach a file to a question?": ("attachments.md", "--attach"),
    "How do I use trinax from Emacs?": ("editors.md", "gptel"),
    "How do I use trinax from Zed?": ("editors.md", "Zed"),
    "Which web search providers are there?": ("web-search.md", "ddgs"),
    "How do I build llama.cpp for a GPU?": ("gpu.md", "CMAKE_ARGS"),
    "How do I make a backup?": ("backup.md", "trinax backup"),
    "How do I restore a backup?": ("backup.md", "restore"),
    "How is the model chosen automatically?": ("auto-router.md", "kind"),
    "How many requests may a client send in a minute?": ("limits.md", "minute"),
    "What happens when the port is in use?": ("troubleshooting.md", "port"),
    "Where does trinax keep its data?": ("configuration.md", "data folder"),
    "What does the MCP tool read_source do?": ("mcp.md", "line numbers"),
    "How does word search match words?": ("search.md", "BM25"),
    "What does depth 3 of research do?": ("research.md", "missing"),
    "How do I move an index to a Qdrant server?": ("cluster.md", "collections move"),
    "What does the server do on SIGHUP?": ("operations.md", "SIGHUP"),
    "What does the error context_length_exceeded mean?": ("troubleshooting.md", "context"),
    "Does anything leave my machine?": ("privacy.md", "machine"),
    "How do I make a client for TypeScript?": ("http-api.md", "openapi-typescript"),
}


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = folders(tmp_path_factory.mktemp("base"))
    shutil.rmtree(settings.collections_dir)
    shutil.copytree(HANDBOOK, settings.collections_dir / "handbook")
    with serving(settings) as client:
        yield client


@pytest.mark.parametrize("question", QUESTIONS)
def test_trinax_answers_questions_about_itself(http: TestClient, question: str) -> None:
    page, words = QUESTIONS[question]
    answer = asked(http, question)
    told = answer["trinaxai"]
    files = {source["n"]: source["file"] for source in told["sources"]}
    cited = [files[n] for each in told["grounding"]["support"] for n in each["sources"]]
    content = answer["choices"][0]["message"]["content"]
    assert page in cited, content
    assert words.casefold() in content.casefold(), content


def asked(http: TestClient, question: str) -> Any:
    body = {"messages": [{"role": "user", "content": question}]}
    return http.post("/v1/chat/completions", json=body).json()


def test_the_readme_shows_what_is_answered(http: TestClient) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = re.findall(r'"role": "assistant",\s+"content": (".*"),', readme)
    first = asked(http, "How do I add a model?")["choices"][0]["message"]["content"]
    assert [json.loads(each) for each in shown] == [first]
