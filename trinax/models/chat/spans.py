"""Who wrote what of a prompt: texts that are not the template's stay outside it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Stands for a text while the template is rendered; survives trim, upper and sorting. The number
# behind the dash counts how often the text was written as part of a JSON string.
PLACEHOLDER = "@@TRINAX{:06d}-0@@"
PLACED = re.compile(r"@@TRINAX(\d+)-(\d+)@@")
# A JSON schema's own words, which templates look at; all else in it is text of whoever wrote it.
KEYWORDS = frozenset(
    (
        *("type", "properties", "required", "items", "description", "enum", "const", "default"),
        *("anyOf", "oneOf", "allOf", "nullable", "title", "format", "minimum", "maximum"),
        *("additionalProperties", "$ref", "$defs", "definitions"),
    )
)
TYPES = frozenset(["string", "number", "integer", "boolean", "object", "array", "null"])
NAMING = frozenset(("properties", "patternProperties", "$defs", "definitions"))


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of prompt. trusted: written by the template, so its special tokens count."""

    text: str
    trusted: bool


class JsonObject(dict[str, Any]):
    """An object that reads as JSON where a template takes it for text."""

    def __str__(self) -> str:
        return tojson(self)

    __repr__ = __str__

    def __radd__(self, before: str) -> str:
        return before + tojson(self)

    def __add__(self, after: str) -> str:
        return tojson(self) + after


class JsonList(list[Any]):
    """A list that reads as JSON where a template takes it for text."""

    def __str__(self) -> str:
        return tojson(self)

    __repr__ = __str__

    def __radd__(self, before: str) -> str:
        return before + tojson(self)


class Texts:
    """The texts of one request and the placeholders that stand for them."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._names: dict[str, str] = {}

    def hidden(self, text: str) -> str:
        """A placeholder of its own; blank text stays, for templates ask whether there is any."""
        if not text.strip():
            return text
        self._texts.append(text)
        return PLACEHOLDER.format(len(self._texts) - 1)

    def name(self, text: str) -> str:
        """The same placeholder for the same text, so that templates can compare."""
        if text not in self._names:
            self._names[text] = self.hidden(text)
        return self._names[text]

    def value(self, value: Any) -> Any:
        """JSON with every string and key hidden, each by a placeholder of its own."""
        if isinstance(value, str):
            return self.hidden(value)
        if isinstance(value, Mapping):
            return JsonObject({self.hidden(key): self.value(item) for key, item in value.items()})
        return JsonList(map(self.value, value)) if isinstance(value, list | tuple) else value

    def schema(self, value: Any) -> Any:
        """A JSON schema with its own words left and all others hidden."""
        if isinstance(value, str):
            return value if value in TYPES else self.name(value)
        if isinstance(value, Mapping):
            return JsonObject(
                {
                    key if key in KEYWORDS else self.name(key): self._named(item)
                    if key in NAMING and isinstance(item, Mapping)
                    else self.schema(item)
                    for key, item in value.items()
                }
            )
        return JsonList(map(self.schema, value)) if isinstance(value, list | tuple) else value

    def spans(self, rendered: str) -> list[Span]:
        """The rendered prompt with the texts back in their places."""
        return [span for span in self._spans(rendered) if span.text]

    def complete(self, rendered: str, wanted: Iterable[str]) -> bool:
        """Whether all wanted placeholders are in it, and none that stands for nothing."""
        placed = {int(number) for number, _ in PLACED.findall(rendered)}
        asked = {int(number) for text in wanted for number, _ in PLACED.findall(text)}
        return bool(rendered) and asked <= placed and max(placed, default=-1) < len(self._texts)

    def _named(self, items: Mapping[str, Any]) -> JsonObject:
        return JsonObject({self.name(key): self.schema(item) for key, item in items.items()})

    def _spans(self, rendered: str) -> Iterator[Span]:
        # re.split gives in turn: text of the template, number and depth of a placeholder, …
        parts = PLACED.split(rendered)
        yield Span(parts[0], True)
        for number, depth, after in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            yield Span(_escaped(self._texts[int(number)], int(depth)), False)
            yield Span(after, True)


def tojson(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: Sequence[str] | None = None,
    sort_keys: bool = False,
) -> str:
    """The tojson filter as transformers has it; placeholders in strings become one deeper."""
    text = json.dumps(
        value,
        default=list,  # what filters like map give
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=(separators[0], separators[1]) if separators else None,
        sort_keys=sort_keys,
    )
    return PLACED.sub(lambda found: f"@@TRINAX{found[1]}-{int(found[2]) + 1}@@", text)


def _escaped(text: str, depth: int) -> str:
    for _ in range(depth):
        text = json.dumps(text, ensure_ascii=False)[1:-1]
    return text
