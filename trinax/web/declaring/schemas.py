"""JSON schemas of what routes take and give, from the types that they are declared with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

from trinax.web.declaring.body import IGNORED, Body, Query, Unsupported
from trinax.web.declaring.wording import of_record

PREFIX = "#/components/schemas/"
BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
NULL = {"type": "null"}


@dataclass(frozen=True, slots=True)
class Schemas:
    """of: type → its schema, which is mostly a reference into `components`."""

    of: Mapping[Any, JsonSchemaValue]
    components: Mapping[str, JsonSchemaValue]


def schemas(taken: Iterable[Any], given: Iterable[Any]) -> Schemas:
    """taken, given: types of JSON."""
    modes: dict[Any, JsonSchemaMode] = dict.fromkeys(given, "serialization")
    modes.update(dict.fromkeys(taken, "validation"))
    found, rest = TypeAdapter.json_schemas(
        [(each, mode, TypeAdapter(each)) for each, mode in modes.items()],
        ref_template=PREFIX + "{model}",
        schema_generator=Declared,
    )
    return Schemas({each: schema for (each, _), schema in found.items()}, rest.get("$defs", {}))


def query(asked: type[Query]) -> JsonSchemaValue:
    """Of all parameters, as one object."""
    return asked.model_json_schema(schema_generator=Declared)


class Declared(GenerateJsonSchema):
    """Says all that the validators check, and what docstrings and marks say."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def generate_inner(self, schema: Any) -> JsonSchemaValue:
        shown = super().generate_inner(schema)
        # Where a function reads the number first, pydantic leaves its own names of the bounds.
        return {BOUNDS.get(name, name): value for name, value in shown.items()}

    def encode_default(self, dft: Any) -> Any:
        return {} if isinstance(dft, Body) else super().encode_default(dft)

    def dict_schema(self, schema: Any) -> JsonSchemaValue:
        shown = super().dict_schema(schema)
        if "patternProperties" in shown:
            shown["additionalProperties"] = False
        return shown

    def typed_dict_schema(self, schema: Any) -> JsonSchemaValue:
        return _described(super().typed_dict_schema(schema), schema["cls"])

    def model_schema(self, schema: Any) -> JsonSchemaValue:
        record, shown = schema["cls"], super().model_schema(schema)
        read = _without_null if issubclass(record, Query) else _with_null
        optional = {*shown["properties"]} - {*shown.get("required", ())}
        for name in optional:
            shown["properties"][name] = read(shown["properties"][name])
        if record.example:
            shown["examples"] = [dict(record.example)]
        return _described(shown, record)


def _with_null(field: JsonSchemaValue) -> JsonSchemaValue:
    """A null counts as absent."""
    default = field.pop("default", None)
    # An empty one says nothing, and generators of clients trip over {}.
    told = {"default": default} if default not in (None, "", [], {}) else {}
    forms = field.get("anyOf", [field])
    # {} is whatever there is.
    if not field or NULL in forms:
        return {**field, **told}
    return {"anyOf": [*forms, NULL], **told}


def _without_null(field: JsonSchemaValue) -> JsonSchemaValue:
    """There is none in a query string."""
    forms = [form for form in field.get("anyOf", []) if form != NULL]
    rest = {name: value for name, value in field.items() if name != "anyOf" and value is not None}
    return {**forms[0], **rest} if len(forms) == 1 else {**field}


def _described(shown: JsonSchemaValue, record: type) -> JsonSchemaValue:
    fields = shown["properties"]
    about, notes = of_record(record, fields)
    marks = _marks(record) if issubclass(record, Body) else {}
    for name, field in fields.items():
        if said := [each[name] for each in (notes, marks) if name in each]:
            field["description"] = " ".join(said)
    rest = {name: value for name, value in shown.items() if name not in ("title", "description")}
    return {"description": about, **rest} if about else rest


def _marks(record: type[Body]) -> Mapping[str, str]:
    """What comes of sending a field that is known and not honoured."""
    said = {}
    for name, field in record.model_fields.items():
        for mark in field.metadata:
            if isinstance(mark, Unsupported):
                said[field.alias or name] = f"Refused with 400: {mark.reason}."
            if mark == IGNORED:
                said[field.alias or name] = "Has no effect, which x-trinax-ignored tells."
    return said
