from dataclasses import replace
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.web.conftest import LAN, serving
from trinax.app import build
from trinax.settings import Access, Settings


def test_health_reveals_no_names(http: TestClient) -> None:
    assert http.get("/health").json() == {"status": "ok"}


def test_the_root_says_what_runs(http: TestClient) -> None:
    assert http.get("/").text == "Ollama is running"


def test_the_server_is_ready_once_it_has_started(settings: Settings) -> None:
    with TestClient(build(settings), base_url="http://localhost", client=("::1", 1)) as http:
        answer = http.get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True})


def test_head_is_answered_like_get(http: TestClient) -> None:
    assert http.head("/health").status_code == 200


@pytest.fixture(scope="module")
def document(http: TestClient) -> Any:
    return http.get("/openapi.json").json()


@pytest.fixture(scope="module")
def declared(document: Any) -> dict[tuple[str, str], Any]:
    """Method and path → operation."""
    paths = document["paths"].items()
    return {(method.upper(), path): each for path, all in paths for method, each in all.items()}


def test_the_document_is_valid(document: Any) -> None:
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_every_route_is_described_and_nothing_else(
    http: TestClient, declared: dict[tuple[str, str], Any]
) -> None:
    app = http.app
    assert isinstance(app, Starlette)
    assert all(isinstance(route, Route) for route in app.routes)
    routes = [route for route in app.routes if isinstance(route, Route)]
    served = {(each, r.path_format) for r in routes for each in (r.methods or set()) - {"HEAD"}}
    assert served == {*declared}


def test_operations_have_names_of_their_own(declared: dict[tuple[str, str], Any]) -> None:
    ids = [operation["operationId"] for operation in declared.values()]
    assert len({*ids}) == len(ids)


def test_operations_and_surfaces_are_told_in_words(
    document: Any, declared: dict[tuple[str, str], Any]
) -> None:
    assert [place for place, each in declared.items() if not each["summary"]] == []
    assert [tag["name"] for tag in document["tags"] if not tag["description"]] == []


def test_records_are_named_for_one_surface(document: Any) -> None:
    # Where two records have one name pydantic calls them by their modules.
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


def test_what_a_route_raises_has_its_status(declared: dict[tuple[str, str], Any]) -> None:
    chat = declared["POST", "/v1/chat/completions"]["responses"]
    assert chat["404"]["description"] == "model_not_found or collection_not_found"
    assert {"400", "413", "429", "502", "503", "504"} <= {*chat}


def test_the_document_is_open_to_all(settings: Settings) -> None:
    with serving(replace(settings, access=Access(require_key=True)), client=LAN) as http:
        assert http.get("/openapi.json").status_code == 200
