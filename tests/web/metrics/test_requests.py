import logging
from dataclasses import replace
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from tests.web.conftest import serving
from tests.web.metrics.lines import Samples, samples, value
from trinax.settings import Logs, Settings
from trinax.web.metrics import catalogue
from trinax.web.metrics.exposition import Exposition
from trinax.web.metrics.requests import Measures


async def nothing(*_: Any) -> Any:
    """An application that answers nothing, and a client that sends and takes nothing."""


async def asked(app: Any, method: str = "GET") -> Samples:
    """What is counted of one request to an application."""
    counted = Exposition(catalogue.OF_REQUESTS)
    scope = {"type": "http", "method": method, "path": "/"}
    await Measures(app, counted, logged=False)(scope, nothing, nothing)
    return samples(counted.text().decode())


async def test_a_client_that_went_away_is_counted_as_such() -> None:
    found = await asked(nothing)
    labels = {"method": "GET", "route": "unrouted"}
    assert value(found, "trinax_http_requests_total", status="499", **labels) == 1


async def test_a_request_that_breaks_off_is_counted() -> None:
    counted = Exposition(catalogue.OF_REQUESTS)

    async def gone(*_: Any) -> None:
        raise ClientDisconnect

    scope = {"type": "http", "method": "GET", "path": "/"}
    with pytest.raises(ClientDisconnect):
        await Measures(gone, counted, logged=False)(scope, nothing, nothing)
    assert len(samples(counted.text().decode())) > 1


async def test_made_up_methods_are_one() -> None:
    found = await asked(nothing, "BREW")
    labels = {"method": "other", "route": "unrouted"}
    assert value(found, "trinax_http_requests_total", status="499", **labels) == 1


def test_the_log_has_a_line_for_each_request_if_wanted(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "trinax.requests")
    with serving(replace(settings, logs=Logs(requests=True))) as http:
        http.get("/v1/sources/demo/guide.md")
        http.get("/v1/collections/no-such-thing")
    lines = [record for record in caplog.records if record.name == "trinax.requests"]
    said = [record.getMessage() for record in lines]
    assert any(each.startswith("GET /v1/sources/{collection}/{file} 200 in ") for each in said)
    assert said[-1].endswith(": collection_not_found")
    assert not any("guide.md" in each or "no-such-thing" in each for each in said)
    fields: dict[str, Any] = vars(lines[-1])["fields"]
    assert (fields["status"], fields["code"]) == (404, "collection_not_found")


def test_without_that_it_has_none(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "trinax.requests")
    with serving(settings) as http:
        http.get("/health")
    assert not [record for record in caplog.records if record.name == "trinax.requests"]
