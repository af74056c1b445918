"""What a route can answer, for the document."""

from collections import defaultdict
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from starlette.routing import compile_path

from trinax import errors
from trinax.errors import TrinaxError
from trinax.web.declaring.body import Query
from trinax.web.declaring.operation import Operation, Streams
from trinax.web.declaring.schemas import Schemas
from trinax.web.wire.errors import (
    STATUSES,
    UNFORESEEN,
    ErrorEnvelope,
    OllamaError,
    is_read_as_ollama,
)

Json = dict[str, Any]

REFUSALS = (ErrorEnvelope, OllamaError)
TEXT: Json = {"type": "string"}
COUNT: Json = {"type": "integer", "minimum": 0}
HEADERS: Json = {
    "x-request-id": {
        "description": "The request's own, if it is 1 to 128 of A-Z, a-z, 0-9 and '._:-'.",
        "required": True,
        "schema": TEXT,
    },
    "x-trinax-ignored": {
        "description": "Parameters that were sent and have no effect, separated by commas.",
        "schema": TEXT,
    },
    "x-trinax-truncated": {
        "description": "How many of the texts that were sent lost their end.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "retry-after": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}},
    "www-authenticate": {"schema": {"const": "Bearer"}},
    "x-ratelimit-limit": {
        "description": "Requests a minute, of the limit that leaves the client least; of a quota "
        "what it gives in all.",
        "schema": COUNT,
    },
    "x-ratelimit-remaining": {"description": "How many of them are left now.", "schema": COUNT},
    "x-ratelimit-reset": {"description": "Seconds until all of them are.", "schema": COUNT},
}
RATE_LIMIT = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
SENT_WITH = {401: ("www-authenticate",), 429: ("retry-after", *RATE_LIMIT)}


def body_type(operation: Operation) -> Any:
    """The type of the JSON that is sent; None where there is none."""
    takes = operation.takes
    return operation.reads if takes is None or issubclass(takes, Query) else takes


def reply_types(operation: Operation) -> list[Any]:
    """The types of JSON among them."""
    streamed = [operation.streams.item] if operation.streams else []
    return [*streamed, *([] if _texts(operation) else [operation.gives])]


def replies(operation: Operation, found: Schemas) -> Json:
    """Status → response, the success first."""
    failures = _failures(operation)
    refusal = OllamaError if is_read_as_ollama(operation.path) else ErrorEnvelope
    envelope = {"application/json": {"schema": found.of[refusal]}}
    return {
        str(operation.status): _success(operation, operation.status, found),
        **{
            str(status): _reply(" or ".join(codes), envelope, SENT_WITH.get(status, ()))
            for status, codes in sorted(failures.items())
        },
        # Of a status that failures have too, for it is described by the wider schema.
        **{str(status): _success(operation, status, found) for status in operation.other_statuses},
    }


def _success(operation: Operation, status: int, found: Schemas) -> Json:
    sent = ("x-trinax-ignored",) if operation.takes and body_type(operation) else ()
    counted = RATE_LIMIT if operation.family else ()
    content = _content(operation, found)
    return _reply(HTTPStatus(status).phrase, content, (*sent, *counted, *operation.headers))


def _content(operation: Operation, found: Schemas) -> Json:
    if texts := _texts(operation):
        return {media_type: {"schema": TEXT} for media_type in texts}
    whole = {"application/json": {"schema": found.of[operation.gives]}}
    return whole | (_streamed(operation.streams, found) if operation.streams else {})


def _texts(operation: Operation) -> tuple[str, ...]:
    """The media types of what is no JSON."""
    gives = operation.gives
    if isinstance(gives, str):
        return (gives,)
    return gives if isinstance(gives, tuple) else ()


def _streamed(streams: Streams, found: Schemas) -> Json:
    """The schema is of each line, and of each event with its text as "data": until OpenAPI 3.2
    there are no words for a whole stream."""
    item = found.of[streams.item]
    if streams.media_type == "application/x-ndjson":
        return {streams.media_type: {"schema": item}}
    data: Json = {**TEXT, "contentMediaType": "application/json", "contentSchema": item}
    if streams.end is not None:
        data = {"anyOf": [data, {"const": streams.end}]}
    event = {"type": "object", "properties": {"data": data, "event": TEXT}, "required": ["data"]}
    return {streams.media_type: {"schema": event}}


def _failures(operation: Operation) -> dict[int, list[str]]:
    """Status → codes of the envelope."""
    codes: defaultdict[int, list[str]] = defaultdict(list, {500: [UNFORESEEN]})
    for leaf in dict.fromkeys((*_of_any_route(operation), *operation.raises)):
        codes[STATUSES[leaf][0]].append(leaf.code)
    return codes


def _of_any_route(operation: Operation) -> list[type[TrinaxError]]:
    in_path = compile_path(operation.path)[2]
    found: list[type[TrinaxError]] = [errors.InvalidRequest, errors.Unauthorized, errors.Forbidden]
    found += [errors.KeysFailed, errors.ServerStopping]
    found += [errors.RouteNotFound] if in_path else []
    found += [errors.TooLarge] if body_type(operation) else []
    return found + _of_limited_route(operation)


def _of_limited_route(operation: Operation) -> list[type[TrinaxError]]:
    if not operation.family:
        return []
    found: list[type[TrinaxError]] = [errors.RateLimited]
    found += [errors.TooManyAtOnce] if operation.streams or body_type(operation) else []
    found += [errors.InputTooLong] if body_type(operation) else []
    return found + ([errors.QuotaExceeded] if operation.streams and operation.scope else [])


def _reply(description: str, content: Json, headers: Sequence[str]) -> Json:
    names = ("x-request-id", *headers)
    sent = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return {"description": description, "headers": sent, "content": content}
