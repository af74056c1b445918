from collections.abc import Iterator
from contextlib import contextmanager

import jsonschema_rs
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.testclient import TestClient

from tests.web.conforming import conforming
from trinax.errors import Forbidden
from trinax.web.declaring.operation import Operation, Streams
from trinax.web.operations import Described, Health
from trinax.web.routes import routes
from trinax.web.wire.errors import envelope

STREAMS = Streams("text/event-stream", Health, "[DONE]")


class Liar:
    """Answers with what it is told to."""

    def __init__(self, answer: Response) -> None:
        self.answer = answer

    def operations(self) -> list[Operation]:
        return [Operation("GET", "/lie", self.lie, Health, streams=STREAMS)]

    async def lie(self, request: Request) -> Response:
        """Answers."""
        return self.answer


@contextmanager
def asking(answer: Response) -> Iterator[TestClient]:
    liar = Liar(answer)
    app = Starlette(routes=[*routes([liar, Described([liar])], 1000)])
    with TestClient(app) as http:
        yield conforming(http, ["/home/ada", "s3cret"])


def events(*data: str) -> Response:
    text = "".join(f"data: {each}\n\n" for each in data)
    return Response(text, media_type="text/event-stream")


@pytest.mark.parametrize(
    "answer",
    [
        JSONResponse({"status": "ok"}),
        events('{"status":"ok"}', "[DONE]"),
    ],
)
def test_what_is_declared_is_let_through(answer: Response) -> None:
    with asking(answer) as http:
        assert http.get("/lie").status_code == 200


@pytest.mark.parametrize(
    "answer",
    [
        JSONResponse({}),
        JSONResponse({"status": "bad"}),
        JSONResponse({"status": "ok", "more": 1}),
        JSONResponse({"error": "?"}, 401),
        events('{"status":"bad"}'),
    ],
)
def test_a_body_of_another_form_is_seen(answer: Response) -> None:
    with asking(answer) as http, pytest.raises(jsonschema_rs.ValidationError):
        http.get("/lie")


@pytest.mark.parametrize(
    "answer",
    [
        JSONResponse({"status": "ok"}, 202),
        Response("ok", media_type="text/plain"),
        JSONResponse({"status": "ok"}, headers={"x-trinax-truncated": "1"}),
        JSONResponse(envelope(Forbidden("No.")), 401),
    ],
)
def test_an_undeclared_status_media_type_header_or_code_is_seen(answer: Response) -> None:
    with asking(answer) as http, pytest.raises(AssertionError):
        http.get("/lie")


@pytest.mark.parametrize(
    "answer",
    [
        JSONResponse({"status": "/home/ada/notes"}),
        JSONResponse({"status": "ok"}, headers={"x-request-id": "s3cret"}),
        events('{"status":"s3cret"}', "[DONE]"),
    ],
)
def test_an_answer_with_a_secret_is_seen(answer: Response) -> None:
    with asking(answer) as http, pytest.raises(AssertionError, match=r"s3cret|/home/ada"):
        http.get("/lie")
