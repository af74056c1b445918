"""What a route takes: JSON bodies and query strings as declared, checked records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, NoReturn, TypeVar

import anyio.to_thread
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, from_json
from starlette.requests import Request

from trinax.errors import InvalidRequest, TooLarge, UnsupportedParameter
from trinax.web.declaring.failures import refusal

INTEGER_LIMIT = 2**63 - 1
# Checked where it is read; of a body of 1 MB that takes up to 0.3 s.
QUICK_BYTES = 64_000


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Marks a parameter without which the answer would be another one: sent, it is a 400."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Marks a parameter that has no effect here: sent, it is listed in x-trinax-ignored."""


IGNORED = Ignored()


def _whole(value: object) -> object:
    # JSON has one kind of number: 5.0 is a whole one.
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole), Field(ge=-INTEGER_LIMIT - 1, le=INTEGER_LIMIT)]
# Not empty, and not only white space.
Words = Annotated[str, Field(pattern=r"\S")]
# Of a query; far more words than any index answers better for, and searched for in some 50 ms.
QUERY_CHARACTERS = 20_000
Sought = Annotated[str, Field(pattern=r"\S", max_length=QUERY_CHARACTERS)]
COLLECTION_ID = "^[a-z0-9_-]{1,48}$"


def _stop_at_first_fault(schema: Any) -> None:
    """Lists and objects of any length, in place: to tell all 500 000 faults of one takes seconds in
    which nobody else is answered."""
    parts = schema.values() if isinstance(schema, dict) else schema
    if isinstance(schema, dict) and schema.get("type") in ("list", "dict"):
        schema["fail_fast"] = True
    if isinstance(schema, dict | list | tuple):
        for part in parts:
            _stop_at_first_fault(part)


class Body(BaseModel):
    """A JSON object. A null counts as absent, a name that is not declared is let through; a value
    of another type is refused, not converted. example: of the bodies that are asked most."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, allow_inf_nan=False)
    example: ClassVar[Mapping[str, Any]] = {}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        _stop_at_first_fault(schema)
        return schema

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: each for name, each in value.items() if each is not None}

    def given(self, field: str) -> bool:
        """Whether it was sent and says something: not null, false, empty."""
        return getattr(self, field) not in (None, False, [], {}, "", ())

    @property
    def ignored(self) -> tuple[str, ...]:
        """The names of those that were sent and have no effect."""
        return tuple(
            _sent_as(type(self), name)
            for name, field in type(self).model_fields.items()
            if IGNORED in field.metadata and self.given(name)
        )

    def refuse(self, field: str, expected: str) -> NoReturn:
        """For what the types cannot say."""
        raise InvalidRequest(f"{field!r} must be {expected}.", field)


class Query(Body):
    """A query string; an empty value counts as absent."""

    model_config = ConfigDict(strict=False)
    source: ClassVar[str] = "query"


B = TypeVar("B", bound=Body)


async def read(request: Request, body: type[B], limit_bytes: int) -> B:
    """The request's own parameters; an empty body is an empty object.

    Raises TooLarge as soon as the limit is passed, InvalidRequest and UnsupportedParameter, which
    name the parameter, for anything else.
    """
    if issubclass(body, Query):
        given: Any = {name: text for name, text in request.query_params.items() if text}
        return parsed(body, given)
    sent = await content(request, limit_bytes)
    if len(sent) <= QUICK_BYTES:
        return _parsed(body, sent)
    return await anyio.to_thread.run_sync(_parsed, body, sent)


async def content(request: Request, limit_bytes: int) -> bytes:
    """Raises TooLarge as soon as the limit is passed."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:20]) > limit_bytes:
        raise TooLarge(limit_bytes)
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > limit_bytes:
            raise TooLarge(limit_bytes)
    return bytes(read)


def _parsed(body: type[B], sent: bytes) -> B:
    return parsed(body, _json(sent))


def parsed(body: type[B], value: Any) -> B:
    """value: as JSON gives it. Raises InvalidRequest and UnsupportedParameter."""
    if not isinstance(value, Mapping):
        raise InvalidRequest("The body must be a JSON object.")
    try:
        found = body.model_validate(value)
    except ValidationError as exc:
        raise refusal(exc.errors(include_url=False), value) from None
    for name, field in body.model_fields.items():
        for mark in field.metadata:
            if isinstance(mark, Unsupported) and found.given(name):
                raise UnsupportedParameter(_sent_as(body, name), mark.reason)
    return found


def _sent_as(body: type[Body], name: str) -> str:
    return body.model_fields[name].alias or name


def _json(content: bytes) -> Any:
    """Raises InvalidRequest for what is no JSON in UTF-8, half of a surrogate pair, Infinity,
    and what is nested too deeply to be read."""
    if not content.strip():
        return {}
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError as exc:
        raise InvalidRequest(f"The body is not valid JSON in UTF-8: {exc}.") from None
