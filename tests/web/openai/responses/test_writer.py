from dataclasses import replace
from typing import Any

from tests.answering.passages import passage
from trinax.answering.records import Done, Grounding, Route, Source, Started
from trinax.models.ports import Finish, Piece
from trinax.web.declaring.body import parsed
from trinax.web.openai.responses.body import ResponsesBody, response_request
from trinax.web.openai.responses.object import Beginning
from trinax.web.openai.responses.writer import Writer

PAGE = replace(passage("She is."), file="Lighthouses", url="https://example.org/a")
DONE = Done(Grounding("answered"), {})


def writer(*sources: Source, **fields: Any) -> Writer:
    asked = response_request(parsed(ResponsesBody, {"input": "Who is she?", **fields}))
    route = Route("general", "parrot", (), forced=False)
    return Writer(Beginning(asked, "resp_1", 0, Started(route, sources)))


def test_a_search_of_the_web_is_an_item_before_the_answer() -> None:
    writing = writer(Source(1, PAGE, 0.9), tools=[{"type": "web_search"}])
    said = [
        told
        for event in (Piece("Marta [1]."), Finish("stop", 5, 2), DONE)
        for told in writing.events(event)
    ]
    assert [told["type"] for told in said][2:6] == [
        "response.output_item.added",
        "response.web_search_call.completed",
        "response.output_item.done",
        "response.output_item.added",
    ]
    assert writing.answer is not None
    search, message = writing.answer["output"]
    assert search["type"] == "web_search_call"
    assert search["status"] == "completed"
    assert search["action"] == {
        "type": "search",
        "query": "Who is she?",
        "queries": ["Who is she?"],
        "sources": [{"type": "url", "url": "https://example.org/a"}],
    }
    assert message["type"] == "message"
    (citation,) = message["content"][0]["annotations"]
    assert citation["type"] == "url_citation"


def test_the_tools_come_back_as_they_were_sent() -> None:
    sent = [{"type": "web_search", "search_context_size": "low"}]
    writing = writer(tools=sent, tool_choice={"type": "web_search"})
    list(writing.events(Finish("stop", 5, 0)))
    list(writing.events(DONE))
    assert writing.answer is not None
    assert writing.answer["tools"] == sent
    assert writing.answer["tool_choice"] == {"type": "web_search"}


def test_a_failure_before_the_first_word_still_begins() -> None:
    said = list(writer().failed({"code": "busy", "message": "Later."}))
    assert [told["type"] for told in said] == [
        "response.created",
        "response.in_progress",
        "response.failed",
    ]


def test_only_the_last_item_of_a_cut_answer_is_incomplete() -> None:
    writing = writer()
    for event in (Piece("hm", channel="reasoning"), Piece("Mar"), Finish("length", 5, 2), DONE):
        list(writing.events(event))
    assert writing.answer is not None
    states = [item["status"] for item in writing.answer["output"]]
    assert states == ["completed", "incomplete"]
