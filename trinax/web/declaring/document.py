"""The OpenAPI 3.1 document of all that routes declare."""

from collections.abc import Iterable, Sequence
from typing import Any

from starlette.convertors import Convertor, PathConvertor
from starlette.routing import compile_path

from trinax import __version__
from trinax.web.declaring.body import Query
from trinax.web.declaring.operation import Operation
from trinax.web.declaring.replies import HEADERS, REFUSALS, body_type, replies, reply_types
from trinax.web.declaring.schemas import Schemas, query, schemas
from trinax.web.declaring.wording import of_module, of_route

Json = dict[str, Any]

ABOUT = """\
Answers from your own documents, with citations that can be checked.

In bodies a null counts as absent and unknown fields are let through. Every failure has one \
envelope, and every answer an `x-request-id`."""
# Bodies that are no JSON.
_SENT: Json = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {
                "files": {"type": "array", "items": {"type": "string", "format": "binary"}}
            },
            "required": ["files"],
        }
    },
    "application/x-tar": {"schema": {"type": "string", "format": "binary"}},
}
SECURITY: Json = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key."},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "azureKey": {"type": "apiKey", "in": "header", "name": "api-key"},
    "adminToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Admin-Token",
        "description": "Has every scope.",
    },
}


def document(operations: Sequence[Operation]) -> Json:
    """operations: of two that match a request the first is taken."""
    taken = [each for each in map(body_type, operations) if each is not None]
    given = [each for operation in operations for each in reply_types(operation)]
    found = schemas(taken, [*given, *REFUSALS])
    paths: dict[str, Json] = {}
    for operation in operations:
        methods = paths.setdefault(operation.path_format, {})
        methods.setdefault(operation.method.lower(), _operation(operation, found))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "trinax",
            "version": __version__,
            "description": ABOUT,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": _tags(operations),
        "paths": paths,
        "components": {
            "schemas": dict(sorted(found.components.items())),
            "headers": HEADERS,
            "securitySchemes": SECURITY,
        },
    }


def _operation(operation: Operation, found: Schemas) -> Json:
    summary, description = of_route(operation.endpoint)
    shown: Json = {
        "operationId": operation.id,
        "tags": [_tag(_surface(operation))],
        "summary": summary,
        "description": description,
        "parameters": [*_in_path(operation), *_in_query(operation)],
        "requestBody": _body(operation, found),
        "responses": replies(operation, found),
    }
    return {name: value for name, value in shown.items() if value} | {
        "security": _access(operation)
    }


def _surface(operation: Operation) -> str:
    """Its package or module: trinax.web.SURFACE."""
    return ".".join(operation.endpoint.__module__.split(".")[:3])


def _tag(surface: str) -> str:
    return surface.rpartition(".")[2]


def _tags(operations: Iterable[Operation]) -> list[Json]:
    surfaces = dict.fromkeys(map(_surface, operations))
    return [{"name": _tag(each), "description": of_module(each)} for each in surfaces]


def _in_path(operation: Operation) -> list[Json]:
    _, _, convertors = compile_path(operation.path)
    return [
        {"name": name, "in": "path", "required": True, **_part(convertor)}
        for name, convertor in convertors.items()
    ]


def _part(convertor: Convertor[Any]) -> Json:
    if isinstance(convertor, PathConvertor):
        return {"description": "May hold slashes.", "schema": {"type": "string"}}
    return {"schema": {"type": "string", "pattern": f"^{convertor.regex}$"}}


def _in_query(operation: Operation) -> list[Json]:
    asked = operation.takes
    if asked is None or not issubclass(asked, Query):
        return []
    shown = query(asked)
    required = shown.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, **_parameter(schema)}
        for name, schema in shown["properties"].items()
    ]


def _parameter(schema: Json) -> Json:
    rest = {name: value for name, value in schema.items() if name != "description"}
    said = {"description": schema["description"]} if "description" in schema else {}
    return {**said, "allowEmptyValue": True, "schema": rest}


def _body(operation: Operation, found: Schemas) -> Json | None:
    asked, declared = body_type(operation), operation.takes
    if operation.sends:
        return {"required": True, "content": {operation.sends: _SENT[operation.sends]}}
    if asked is None:
        return None
    required = declared is None or any(f.is_required() for f in declared.model_fields.values())
    return {"required": required, "content": {"application/json": {"schema": found.of[asked]}}}


def _access(operation: Operation) -> list[Json]:
    """Any of the credentials, or none where the settings open the scope to the client's address."""
    if operation.scope is None:
        return []
    return [*({name: [operation.scope]} for name in SECURITY), {}]
