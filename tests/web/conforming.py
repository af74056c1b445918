"""Whether an answer is as the server's own document says."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import httpx2
import jsonschema_rs
from starlette.applications import Starlette
from starlette.routing import Match, Route
from starlette.testclient import TestClient

Json = dict[str, Any]

ROOT = "urn:document"
ENVELOPES = {f"#/components/schemas/{name}" for name in ("ErrorEnvelope", "OllamaError")}
OWN_HEADERS = {
    *("x-request-id", "x-trinax-ignored", "x-trinax-truncated", "retry-after"),
    *("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"),
}


def conforming(http: TestClient, secrets: Collection[str] = ()) -> TestClient:
    """The same client, which looks at each answer that it gets. secrets: stand in none."""
    assert isinstance(http.app, Starlette)
    routes = tuple(route for route in http.app.routes if isinstance(route, Route))
    signature = tuple((route.path, frozenset(route.methods or ())) for route in routes)
    document = _document(Described(signature, http))
    http.event_hooks = {"response": [Conforming(routes, document, secrets).check]}
    return http


@dataclass(frozen=True, slots=True)
class Document:
    content: Json
    registry: jsonschema_rs.Registry
    validators: dict[str, jsonschema_rs.Draft202012Validator] = field(default_factory=dict)

    def at(self, *steps: str) -> tuple[str, Any]:
        """The pointer, and what stands there; (_, None) where it does not."""
        found = self.content
        for step in steps:
            found = found.get(step, {})
        return "".join(map(_step, steps)), found or None

    def check(self, pointer: str, value: Any) -> None:
        if pointer not in self.validators:
            schema = {"$ref": f"{ROOT}#{pointer}"}
            self.validators[pointer] = jsonschema_rs.Draft202012Validator(
                schema, registry=self.registry
            )
        self.validators[pointer].validate(value)


@dataclass(frozen=True, slots=True)
class Conforming:
    routes: tuple[Route, ...]
    document: Document
    secrets: Collection[str]

    def check(self, answer: httpx2.Response) -> None:
        """Raises AssertionError and jsonschema_rs.ValidationError."""
        answer.read()
        told = f"{answer.headers}{answer.text}"
        assert not any(secret in told for secret in self.secrets), told
        path, method = self._path(answer.request), answer.request.method.lower()
        if path is None or method == "head":
            return
        status, media = str(answer.status_code), answer.headers["content-type"].partition(";")[0]
        place = ("paths", path, method, "responses", status)
        _, declared = self.document.at(*place)
        assert declared, f"{method} {path} answers {status}, undeclared: {answer.text[:500]}"
        undeclared = {*answer.headers} & OWN_HEADERS - {*declared["headers"]}
        assert not undeclared, f"{method} {path} answers with {undeclared}, undeclared"
        pointer, schema = self.document.at(*place, "content", media, "schema")
        assert schema, f"{method} {path} answers {media}, undeclared"
        for value in _values(media, answer.text):
            self.document.check(pointer, value)
            if schema.get("$ref") in ENVELOPES:
                code = value.get("code") or value["error"]["code"]
                codes = declared["description"].split(" or ")
                assert code in codes, f"{method} {path} fails with {code}, undeclared"
            if media == "text/event-stream":
                self._check_data(pointer, schema["properties"]["data"], value["data"])

    def _check_data(self, pointer: str, schema: Json, data: str) -> None:
        """JSON in a text, which JSON schema only describes."""
        read, end = schema.get("anyOf", [schema, {}])
        below = "anyOf/0/" if "anyOf" in schema else ""
        if data != end.get("const"):
            assert read["contentMediaType"] == "application/json"
            self.document.check(f"{pointer}/properties/data/{below}contentSchema", json.loads(data))

    def _path(self, request: httpx2.Request) -> str | None:
        scope = {"type": "http", "method": request.method, "path": request.url.path}
        matching = (each for each in self.routes if each.matches(scope)[0] is Match.FULL)
        return next((route.path_format for route in matching), None)


@dataclass(frozen=True, slots=True)
class Described:
    """Applications with the same routes have the same document."""

    signature: tuple[tuple[str, frozenset[str]], ...]
    http: TestClient = field(compare=False)


@lru_cache
def _document(described: Described) -> Document:
    content = described.http.get("/openapi.json").json()
    return Document(content, jsonschema_rs.Registry([(ROOT, _closed(content))]))


def _values(media: str, text: str) -> Iterator[Any]:
    if media == "application/json":
        yield json.loads(text)
    elif media == "application/x-ndjson":
        yield from map(json.loads, text.splitlines())
    elif media == "text/event-stream":
        for block in text.split("\n\n"):
            lines = [line for line in block.split("\n") if line and not line.startswith(":")]
            if lines:
                yield dict(line.split(": ", 1) for line in lines)


def _step(key: str) -> str:
    return "/" + quote(key.replace("~", "~0").replace("/", "~1"), safe="~")


def _closed(schema: Any) -> Any:
    """The same, where an object has none but the properties that are listed."""
    if isinstance(schema, list):
        return list(map(_closed, schema))
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    return {"additionalProperties": False, **closed} if "properties" in closed else closed
