"""JSON Schema of what tools take and give."""

from typing import Any

from pydantic import TypeAdapter

from trinax.web.declaring.body import Body
from trinax.web.declaring.schemas import NULL, Declared

Json = dict[str, Any]


def taken(body: type[Body]) -> Json:
    """A null counts as absent and is not mentioned: some models' providers refuse such a form."""
    schema = body.model_json_schema(schema_generator=Declared)
    schema["properties"] = {
        name: _without_null(field) for name, field in schema["properties"].items()
    }
    return schema


def given(shape: Any) -> Json:
    """shape: a TypedDict."""
    return TypeAdapter(shape).json_schema(mode="serialization", schema_generator=Declared)


def _without_null(field: Json) -> Json:
    forms = [form for form in field.get("anyOf", ()) if form != NULL]
    if len(forms) != 1:
        return field
    return {**forms[0], **{name: said for name, said in field.items() if name != "anyOf"}}
