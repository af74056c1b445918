"""A query and a text as the one sequence that a cross-encoder reads."""

import re

from trinax.errors import InvalidRequest, ModelFailed
from trinax.llama.vocabulary import Vocabulary
from trinax.models.chat.prompt import prompt_tokens
from trinax.models.chat.spans import Span

QUERY, DOCUMENT = "{query}", "{document}"
PLACE = Span(DOCUMENT, trusted=True)  # stands for the text until it is known
PLACES = re.compile(r"(\{query\}|\{document\})")


def check_template(model_id: str, template: str) -> None:
    """Raises ModelFailed for one that leaves out the query or the text."""
    if template and not (QUERY in template and DOCUMENT in template):
        raise ModelFailed(model_id, f"its rerank template lacks {QUERY} or {DOCUMENT}")


class Pairs:
    """One query with any text, laid out as llama.cpp's server does it: by the model's template,
    else as its vocabulary marks a pair. Neither can write special tokens.

    template: with {query} and {document}; "" for none.
    Raises InvalidRequest for a query that leaves no room for a text.
    """

    def __init__(self, vocabulary: Vocabulary, template: str, query: str, limit: int) -> None:
        """limit: tokens of the longest sequence."""
        self._vocabulary = vocabulary
        self._head: list[int] = []
        self._spans: list[Span] = []
        if template:
            spans = _spans(template, query)
            last = max(place for place, span in enumerate(spans) if span == PLACE)
            self._spans = spans[: last + 1]
            self._tail = prompt_tokens(spans[last + 1 :], vocabulary)[len(vocabulary.prefix) :]
        else:
            marks = vocabulary.marks
            self._head = [*marks.opening, *vocabulary.tokens(query), *marks.between]
            self._tail = list(marks.ending)
        self._room = limit - len(self._tail)
        if len(self._before("")) >= self._room:
            raise InvalidRequest(
                f"The query has {len(vocabulary.tokens(query))} tokens, and the model takes "
                f"{limit} for query and text together; shorten it.",
                "query",
            )

    def row(self, text: str) -> tuple[list[int], bool]:
        """The tokens, and whether the end of the text is not among them for lack of room."""
        row = self._before(text)
        return row[: self._room] + self._tail, len(row) > self._room

    def _before(self, text: str) -> list[int]:
        """Everything up to the end of the text."""
        if self._spans:
            read = Span(text, trusted=False)
            spans = [read if span == PLACE else span for span in self._spans]
            return prompt_tokens(spans, self._vocabulary)
        return self._head + self._vocabulary.tokens(text)


def _spans(template: str, query: str) -> list[Span]:
    return [
        Span(query, trusted=False) if part == QUERY else Span(part, trusted=True)
        for part in PLACES.split(template)
        if part
    ]
