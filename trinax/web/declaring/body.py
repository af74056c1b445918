"""What a route takes: JSON bodies and query strings as declared, checked records."""

from collections.abc import Callable, Mapping
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

# Fields that files come in.
ATTACHING = (b'"attachments"', b'"file_data"')
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


@dataclass(frozen=True, slots=True)
class ReadLater:
    """Marks what an attachment holds: its own limits count it, once it is read."""


IGNORED = Ignored()
READ_LATER = ReadLater()
# A token in a list of them counts as so much text, as English has it.
TOKEN_CHARACTERS = 4


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
    of another type is refused, not converted. example: of the bodies that are asked most. attaches:
    whether files come with it."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, allow_inf_nan=False)
    example: ClassVar[Mapping[str, Any]] = {}
    attaches: ClassVar[bool] = False

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


@dataclass(frozen=True, slots=True)
class Room:
    """What a body may take. attached_bytes: beside that, by attachments, unpacked from base64."""

    limit_bytes: int
    attached_bytes: int = 0

    @property
    def whole_bytes(self) -> int:
        return self.limit_bytes + self.attached_bytes * 4 // 3

    def check(self, sent: bytes) -> None:
        """Whether a longer body has attachments, and beside them no more values than one without,
        so that reading it takes no more than that. Raises TooLarge."""
        if len(sent) <= self.limit_bytes:
            return
        values = sum(map(sent.count, (b'"', b"[", b"{"))) - sent.count(b'\\"')
        if values > self.limit_bytes or not any(name in sent for name in ATTACHING):
            raise TooLarge(self.limit_bytes)


async def read(request: Request, body: type[B], room: Room) -> B:
    """The request's own parameters; an empty body is an empty object.

    Raises TooLarge as soon as the limit is passed, InvalidRequest and UnsupportedParameter, which
    name the parameter, for anything else.
    """
    if issubclass(body, Query):
        given: Any = {name: text for name, text in request.query_params.items() if text}
        return parsed(body, given)
    if not body.attaches:
        room = Room(room.limit_bytes)
    sent = await content(request, room.whole_bytes)
    if len(sent) <= QUICK_BYTES:
        return _parsed(body, sent, room)
    return await anyio.to_thread.run_sync(_parsed, body, sent, room)


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


def _parsed(body: type[B], sent: bytes, room: Room) -> B:
    room.check(sent)
    found = parsed(body, _json(sent))
    if len(sent) > room.limit_bytes and _length(found, _bytes) > room.limit_bytes:
        raise TooLarge(room.limit_bytes)
    return found


def characters(asked: Body) -> int:
    """Of all text that was sent in its fields, tokens included; attachments are left out, which
    count by what is read in them."""
    return _length(asked, len)


def _length(value: Any, measure: Callable[[str], int]) -> int:
    if isinstance(value, str):
        return measure(value)
    if isinstance(value, Mapping):
        return sum(_length(each, measure) for each in value.values())
    if isinstance(value, list | tuple):
        return sum(
            TOKEN_CHARACTERS if type(each) is int else _length(each, measure) for each in value
        )
    if isinstance(value, Body):
        fields = type(value).model_fields
        counted = (n for n in value.model_fields_set if READ_LATER not in fields[n].metadata)
        return sum(_length(getattr(value, name), measure) for name in counted)
    return 0


def _bytes(text: str) -> int:
    return len(text.encode())


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
