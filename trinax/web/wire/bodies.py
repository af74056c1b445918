"""JSON bodies and query strings, read with every field checked."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from starlette.requests import Request

from trinax.errors import InvalidRequest, TooLarge

INTEGER_LIMIT = 2**63 - 1


async def json_object(request: Request, limit_bytes: int) -> "Fields":
    """The body as an object; an empty body is an empty object.

    Raises TooLarge as soon as the limit is passed, InvalidRequest for anything else.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit_bytes:
        raise TooLarge(limit_bytes)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit_bytes:
            raise TooLarge(limit_bytes)
    value = _parsed(bytes(body)) if body.strip() else {}
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.")
    return Fields(value)


class Fields:
    """A JSON object read field by field. Each method gives the default where the field is absent
    or null, and raises InvalidRequest, naming the field, where it is anything but what is asked."""

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        """path: of this object within the body, for messages."""
        self._values = values
        self._path = path

    def name(self, field: str) -> str:
        return f"{self._path}.{field}" if self._path else field

    def given(self, field: str) -> bool:
        """Whether the field is there and says something: not null, false, empty."""
        return self._values.get(field) not in (None, False, [], {}, "")

    def raw(self, field: str) -> Any:
        """The field as it is, None where it is absent."""
        return self._values.get(field)

    def text(self, field: str, default: str | None = None) -> str:
        """Required, and not blank, where there is no default."""
        value = self.raw(field)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (default is None and not value.strip()):
            self.refuse(field, "a text" if default is not None else "a text that is not empty")
        return value

    def flag(self, field: str, default: bool = False) -> bool:
        value = self.raw(field)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.refuse(field, "true or false")
        return value

    def integer(self, field: str, low: int = 0, high: int = INTEGER_LIMIT) -> int | None:
        value = self.raw(field)
        if value is None:
            return None
        # JSON has one kind of number: 5.0 is a whole one.
        whole = int(value) if isinstance(value, float) and value.is_integer() else value
        if not isinstance(whole, int) or isinstance(whole, bool) or not low <= whole <= high:
            end = f"from {low} to {high}" if high < INTEGER_LIMIT else f"of at least {low}"
            self.refuse(field, f"a whole number {end}")
        return whole

    def number(self, field: str, low: float, high: float) -> float | None:
        value = self.raw(field)
        if value is None:
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not low <= value <= high:
            self.refuse(field, f"a number from {low:g} to {high:g}")
        return float(value)

    def texts(self, field: str) -> tuple[str, ...] | None:
        value = self.raw(field)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.refuse(field, "a list of texts")
        return tuple(value)

    def one_of(self, field: str, choices: Sequence[str], default: str) -> str:
        value = self.text(field, default)
        if value not in choices:
            self.refuse(field, "one of " + ", ".join(map(repr, choices)))
        return value

    def object(self, field: str) -> "Fields":
        """An absent one is empty."""
        value = self.raw(field)
        if value is not None and not isinstance(value, dict):
            self.refuse(field, "an object")
        return Fields(value or {}, self.name(field))

    def objects(self, field: str) -> list["Fields"]:
        """An absent list is empty."""
        value = self.raw(field)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.refuse(field, "a list of objects")
        return [Fields(item, f"{self.name(field)}[{index}]") for index, item in enumerate(value)]

    def refuse(self, field: str, expected: str) -> NoReturn:
        name = self.name(field)
        raise InvalidRequest(f"{name!r} must be {expected}.", name)


def page(request: Request, limit: int | None, limit_high: int) -> tuple[int, int | None]:
    """offset and limit of a query string; a limit out of range is brought into it.

    limit: the default, None for no limit.
    """
    offset = _whole(request, "offset", 0)
    if offset is None or offset < 0:
        raise InvalidRequest("'offset' must be a whole number of at least 0.", "offset")
    wanted = _whole(request, "limit", limit)
    return offset, None if wanted is None else min(max(wanted, 1), limit_high)


def _whole(request: Request, name: str, default: int | None) -> int | None:
    value = request.query_params.get(name, "")
    if not value:
        return default
    # Longer ones are no page of anything, and int() refuses some thousands of digits.
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        raise InvalidRequest(f"{name!r} must be a whole number, not {value[:40]!r}.", name)
    return int(value)


def _parsed(body: bytes) -> Any:
    try:
        value = json.loads(body, parse_constant=_no_constant)
    except RecursionError:
        raise InvalidRequest("The body is nested too deeply.") from None
    except ValueError as exc:  # JSONDecodeError, UnicodeDecodeError, a number of 5000 digits
        raise InvalidRequest(f"The body is not valid JSON in UTF-8: {exc}.") from exc
    if b"\\u" in body:
        _check_surrogates(value)
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _check_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InvalidRequest("The body holds half of a UTF-16 surrogate pair.") from None
