from dataclasses import dataclass
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from trinax import errors
from trinax.web.declaring.body import Body, Query, Words
from trinax.web.declaring.document import document
from trinax.web.declaring.operation import Operation, Streams


class Parcel(Body):
    name: Words


class Note(Body):
    text: str = ""


class Page(Query):
    """limit: at most."""

    limit: int = 10


class Posted(TypedDict):
    id: str


class Step(TypedDict):
    step: int


@dataclass(frozen=True, slots=True)
class Office:
    async def post(self, request: Request, asked: Parcel) -> Response:
        """Sends a parcel. It is not kept."""
        raise NotImplementedError

    async def note(self, request: Request, asked: Note) -> Response:
        """Leaves a note."""
        raise NotImplementedError

    async def find(self, request: Request, asked: Page) -> Response:
        """Finds a parcel."""
        raise NotImplementedError

    async def bell(self, request: Request) -> Response:
        """Rings."""
        raise NotImplementedError


OFFICE = Office()
RATE_LIMIT = {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}
SSE = Streams("text/event-stream", Step, "[DONE]")
LINES = Streams("application/x-ndjson", Step)
OPERATIONS = [
    Operation("POST", "/parcels", OFFICE.post, Posted, "ingest", (errors.Busy,), SSE, status=201),
    Operation("POST", "/api/notes", OFFICE.note, Posted, "chat", (errors.ModelNotFound,), LINES),
    Operation("GET", "/parcels/{id}/{file:path}/part", OFFICE.find, Posted, "browse"),
    Operation("GET", "/", OFFICE.bell, "text/plain", other_statuses=(503,)),
    Operation("POST", "/bell", OFFICE.bell, Posted, reads=dict[str, str]),
]
DOCUMENT = document(OPERATIONS)
POST = DOCUMENT["paths"]["/parcels"]["post"]
NOTE = DOCUMENT["paths"]["/api/notes"]["post"]
FIND = DOCUMENT["paths"]["/parcels/{id}/{file}/part"]["get"]
BELL = DOCUMENT["paths"]["/"]["get"]


def content(operation: Any, status: str, media_type: str = "application/json") -> Any:
    return operation["responses"][status]["content"][media_type]["schema"]


def test_it_is_valid() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_a_route_is_named_by_method_and_path() -> None:
    ids = [each["operationId"] for each in (POST, NOTE, FIND, BELL)]
    assert ids == ["post_parcels", "post_api_notes", "get_parcels_id_file_part", "get_root"]


def test_a_route_is_told_by_its_docstring() -> None:
    assert (POST["summary"], POST["description"]) == ("Sends a parcel", "It is not kept.")


def test_a_body_is_required_where_a_field_is() -> None:
    assert POST["requestBody"]["required"] is True
    assert NOTE["requestBody"]["required"] is False
    assert "requestBody" not in FIND


def test_a_body_that_the_endpoint_reads_by_itself_is_required() -> None:
    taken = DOCUMENT["paths"]["/bell"]["post"]
    assert taken["requestBody"]["required"] is True
    assert "413" in taken["responses"]


def test_parameters_are_in_path_and_query() -> None:
    places = [(each["name"], each["in"], each["required"]) for each in FIND["parameters"]]
    assert places == [("id", "path", True), ("file", "path", True), ("limit", "query", False)]


def test_a_part_of_a_path_holds_slashes_where_it_may() -> None:
    part, file, limit = FIND["parameters"]
    assert part["schema"] == {"type": "string", "pattern": "^[^/]+$"}
    assert file["schema"] == {"type": "string"}
    assert limit["description"] == "at most."


def test_the_status_of_a_success_is_the_routes_own() -> None:
    assert content(POST, "201") == {"$ref": "#/components/schemas/Posted"}
    assert content(BELL, "200", "text/plain") == content(BELL, "503", "text/plain")


def test_an_event_of_a_stream_holds_json_or_ends_it() -> None:
    data = content(POST, "201", "text/event-stream")["properties"]["data"]
    read, end = data["anyOf"]
    assert read["contentSchema"] == {"$ref": "#/components/schemas/Step"}
    assert end == {"const": "[DONE]"}


def test_a_line_of_a_stream_is_json() -> None:
    assert content(NOTE, "200", "application/x-ndjson") == {"$ref": "#/components/schemas/Step"}


def test_what_any_route_can_fail_with_is_listed() -> None:
    assert {*BELL["responses"]} == {"200", "503", "400", "401", "403", "500"}
    assert {*FIND["responses"]} == {"200", "400", "401", "403", "404", "429", "500", "503"}
    assert {*POST["responses"]} == {"201", "400", "401", "403", "413", "429", "500", "503"}


def test_failures_of_one_status_are_named() -> None:
    assert NOTE["responses"]["404"]["description"] == "model_not_found"


def test_a_failure_is_an_envelope_as_the_clients_of_a_path_read_it() -> None:
    assert content(POST, "429") == {"$ref": "#/components/schemas/ErrorEnvelope"}
    assert content(NOTE, "404") == {"$ref": "#/components/schemas/OllamaError"}


def test_headers_are_told_where_they_are_sent() -> None:
    assert {*POST["responses"]["429"]["headers"]} == {"x-request-id", "retry-after", *RATE_LIMIT}
    assert {*POST["responses"]["401"]["headers"]} == {"x-request-id", "www-authenticate"}
    answered = {*POST["responses"]["201"]["headers"]}
    assert answered == {"x-request-id", "x-trinax-ignored", *RATE_LIMIT}
    assert {*BELL["responses"]["200"]["headers"]} == {"x-request-id"}


def test_a_scope_is_asked_of_each_credential_and_of_none() -> None:
    assert {"bearer": ["ingest"]} in POST["security"]
    assert {} in POST["security"]
    assert BELL["security"] == []
