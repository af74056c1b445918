"""What a validator found wrong, in words for the one who sent it."""

from collections.abc import Mapping, Sequence
from typing import Any

from trinax.errors import InvalidRequest

# Pydantic's type of an error → what was expected; {name} is from the error's context.
EXPECTED: Mapping[str, str] = {
    "string_type": "a text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number that is not so large",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "mapping_type": "an object",
    "literal_error": "one of {expected}",
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "union_tag_invalid": "an object whose {discriminator} is one of {expected_tags}",
    "union_tag_not_found": "an object with a {discriminator}",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
    "string_too_short": "a text of at least {min_length} characters",
    "string_too_long": "a text of at most {max_length} characters",
    "value_error": "{error}",
    "assertion_error": "{error}",
}
PATTERNS = {
    r"\S": "a text that is not empty",
    "^[a-z0-9_-]{1,48}$": "1 to 48 of a-z, 0-9, '_' and '-'",
}


def refusal(found: Sequence[Any], value: Any) -> InvalidRequest:
    """The first failure of a validation; those at one place, which has several forms, together.

    found: ValidationError.errors(). value: what was validated.
    """
    places = [_place(each["loc"], value, each["type"] == "missing") for each in found]
    deepest = max(places, key=lambda place: (place.count(".") + place.count("["), place == ""))
    place = places[0] if places[0] == deepest or not _above(places[0], deepest) else deepest
    here = [each for each, at in zip(found, places, strict=True) if at == place]
    if any(each["type"] == "missing" for each in here):
        return InvalidRequest(f"{place!r} is missing.", place)
    expected = " or ".join(dict.fromkeys(map(_expected, here)))
    return InvalidRequest(f"{place or 'The body'!r} must be {expected}.", place or None)


def _above(upper: str, lower: str) -> bool:
    return lower.startswith((f"{upper}.", f"{upper}["))


def _place(location: Sequence[str | int], value: Any, missing: bool) -> str:
    """As messages[0].content, without the names of the forms that a field can have.

    missing: whether the last step is the name of what is not there.
    """
    path = ""
    for number, step in enumerate(location):
        absent = missing and number == len(location) - 1
        if isinstance(step, int) and isinstance(value, list) and step < len(value):
            path, value = f"{path}[{step}]", value[step]
        elif isinstance(value, dict) and (step in value or absent):
            path, value = f"{path}.{step}" if path else str(step), value.get(step)
    return path


def _expected(error: Any) -> str:
    context = error.get("ctx", {})
    if error["type"] == "string_pattern_mismatch":
        pattern = context["pattern"]
        return PATTERNS.get(pattern, f"a text that matches {pattern}")
    words = EXPECTED.get(error["type"])
    message: str = error["msg"]
    return words.format(**context) if words else message[:1].lower() + message[1:]
