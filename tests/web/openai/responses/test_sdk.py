import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import httpx
import openai
import pytest
from openai.types.responses import (
    EasyInputMessageParam,
    FunctionToolParam,
    ResponseInputFileParam,
    ResponseInputTextParam,
)
from pydantic import BaseModel

from tests.answering.writers import Parrot, Script
from tests.gguf_files import ENDLESS, tiny_llama
from tests.models.upstream.player import listening
from tests.web.asking import KEEPER
from tests.web.attaching import ENGINE, url
from tests.web.conftest import application
from tests.web.openai.responses.asking import RESPONSES, body
from trinax.errors import ModelFailed
from trinax.models.ports import CallPiece, Finish, Generator, Piece
from trinax.settings import Settings

pytestmark = pytest.mark.slow

READ: FunctionToolParam = {
    "type": "function",
    "name": "read",
    "parameters": {"type": "object", "properties": {"file": {"type": "string"}}},
    "strict": True,
}


class Answer(BaseModel):
    word: Literal["one", "two"]


@contextmanager
def asking(settings: Settings, *generators: Generator) -> Iterator[openai.OpenAI]:
    with (
        listening(application(settings, *generators)) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="sk-anything", max_retries=0) as client,
    ):
        yield client


@pytest.fixture
def models(settings: Settings) -> Path:
    settings.models_dir.mkdir(parents=True)
    return settings.models_dir


def test_the_sdk_reads_an_answer_and_its_citation(settings: Settings) -> None:
    with asking(settings) as client:
        response = client.responses.create(model="auto", input=KEEPER)
    assert "Marta Lindqvist" in response.output_text
    (item,) = response.output
    assert item.type == "message"
    (part,) = item.content
    assert part.type == "output_text"
    (citation,) = part.annotations
    assert citation.type == "file_citation"
    assert citation.filename == "guide.md"
    assert response.usage is not None
    assert response.usage.total_tokens > 0


def test_the_sdk_sends_files(settings: Settings) -> None:
    file: ResponseInputFileParam = {
        "type": "input_file", "filename": "notes.docx", "file_data": url("notes.docx")
    }  # fmt: skip
    asked: ResponseInputTextParam = {"type": "input_text", "text": ENGINE}
    with asking(settings) as client:
        said: EasyInputMessageParam = {"role": "user", "content": [file, asked]}
        response = client.responses.create(model="auto", input=[said])
    assert "made by Sabb" in response.output_text


def test_the_sdk_reads_events(settings: Settings) -> None:
    with asking(settings) as client:
        events = list(client.responses.create(model="auto", input=KEEPER, stream=True))
    texts = [event.delta for event in events if event.type == "response.output_text.delta"]
    last = events[-1]
    assert last.type == "response.completed"
    assert last.response.output_text == "".join(texts)
    assert last.response.model_extra is not None
    assert last.response.model_extra["trinaxai"]["sources"][0]["file"] == "guide.md"


def test_the_sdk_gathers_a_stream(settings: Settings) -> None:
    said = (Piece("hm", channel="reasoning"), Piece("Marta"), Piece(" [1]."), Finish("stop", 5, 3))
    with (
        asking(settings, Script(*said)) as client,
        client.responses.stream(model="auto", input=KEEPER) as stream,
    ):
        snapshots = [e.snapshot for e in stream if e.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert snapshots == ["Marta", "Marta [1]."]
    assert [item.type for item in final.output] == ["reasoning", "message"]
    assert final.output_text == "Marta [1]."


def test_the_sdk_parses_what_a_schema_asks_for(settings: Settings, models: Path) -> None:
    tiny_llama(models / "noise.gguf", context_tokens=4096, attention=0.1)
    with asking(settings) as client:
        response = client.responses.parse(
            model="noise", input=KEEPER, text_format=Answer, max_output_tokens=200
        )
        with client.responses.stream(
            model="noise", input=KEEPER, text_format=Answer, max_output_tokens=200
        ) as stream:
            streamed = stream.get_final_response()
    assert isinstance(response.output_parsed, Answer)
    assert isinstance(streamed.output_parsed, Answer)


def test_a_tool_is_called_and_answered(settings: Settings) -> None:
    called = (CallPiece(0, '{"file": "a.md"}', id="c0", name="read"), Finish("tool_calls", 5, 9))
    caller, answerer = Script(*called), Parrot("It says so.", id="answerer")
    with asking(settings, caller, answerer) as client:
        first = client.responses.create(model="parrot", input=KEEPER, tools=[READ])
        (call,) = first.output
        assert call.type == "function_call"
        output = {"type": "function_call_output", "call_id": call.call_id, "output": "Marta"}
        conversation: Any = [{"role": "user", "content": KEEPER}, call.to_dict(), output]
        second = client.responses.create(model="answerer", input=conversation, tools=[READ])
    assert json.loads(call.arguments) == {"file": "a.md"}
    assert second.output_text == "It says so."
    *_, turn, result = answerer.generations[0].messages
    assert [(one.id, one.name) for one in turn.tool_calls] == [("c0", "read")]
    assert (result.tool_call_id, result.content) == ("c0", "Marta")


def test_the_sdk_gathers_streamed_calls(settings: Settings) -> None:
    called = (
        Piece("Let me see."),
        CallPiece(0, "", id="c0", name="read"),
        CallPiece(0, '{"file": '),
        CallPiece(1, '{"file": "b.md"}', id="c1", name="read"),
        CallPiece(0, '"a.md"}'),
        Finish("tool_calls", 5, 9),
    )
    with (
        asking(settings, Script(*called)) as client,
        client.responses.stream(model="auto", input=KEEPER, tools=[READ]) as stream,
    ):
        final = stream.get_final_response()
    calls = [item for item in final.output if item.type == "function_call"]
    assert [(one.call_id, one.parsed_arguments) for one in calls] == [
        ("c0", {"file": "a.md"}),
        ("c1", {"file": "b.md"}),
    ]


def test_an_answer_can_be_asked_on(settings: Settings) -> None:
    said = (Piece("hm", channel="reasoning"), Piece("Marta."), Finish("stop", 5, 3))
    script = Script(*said)
    with asking(settings, script) as client:
        first = client.responses.create(model="auto", input=KEEPER)
        conversation: Any = [
            {"role": "user", "content": KEEPER},
            *(item.to_dict() for item in first.output),
            {"role": "user", "content": "Since when is she the keeper of the lighthouse?"},
        ]
        client.responses.create(model="auto", input=conversation)
    roles = [message.role for message in script.generations[1].messages]
    assert roles[-3:] == ["user", "assistant", "user"]


def test_the_sdk_sees_how_an_answer_ended(settings: Settings, models: Path) -> None:
    tiny_llama(models / "endless.gguf", ENDLESS, context_tokens=4096)
    with asking(settings) as client:
        response = client.responses.create(model="endless", input=KEEPER, max_output_tokens=5)
    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"


def test_the_sdk_sees_errors_as_its_own(settings: Settings) -> None:
    broken = Parrot("one two", failure=ModelFailed("parrot", "it broke"), fails_after=1)
    with asking(settings, broken) as client:
        with pytest.raises(openai.NotFoundError):
            client.responses.create(model="gpt-9", input=KEEPER)
        with pytest.raises(openai.BadRequestError) as refused:
            client.responses.create(model="auto", input=KEEPER, previous_response_id="resp_1")
        events = list(client.responses.create(model="auto", input=KEEPER, stream=True))
    assert refused.value.param == "previous_response_id"
    last = events[-1]
    assert last.type == "response.failed"
    assert last.response.error is not None
    assert "it broke" in last.response.error.message


def test_a_client_that_goes_away_frees_its_place(settings: Settings, models: Path) -> None:
    tiny_llama(models / "endless.gguf", ENDLESS, context_tokens=8192)
    with listening(application(settings)) as url, httpx.Client(base_url=url) as http:
        asked = body(model="endless", stream=True, max_output_tokens=8000)
        with http.stream("POST", RESPONSES, json=asked) as answer:
            lines = answer.iter_lines()  # kept, for one that is forgotten closes the answer
            next(lines)
            assert running(http) == 1
        while running(http):
            pass


def running(http: httpx.Client) -> int:
    loads = http.get("/api/v1/queue-status").json()["models"]
    return sum(load["running"] for load in loads)
