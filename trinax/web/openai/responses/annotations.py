"""The citations of an answer, as OpenAI's annotations."""

from collections.abc import Iterator, Sequence

from trinax.answering.grounding.citations import Citation, citations
from trinax.answering.records import Source
from trinax.web.openai.responses.shapes import ResponseAnnotation


def annotations(text: str, sources: Sequence[Source]) -> list[ResponseAnnotation]:
    """One for each number that stands in brackets, in order."""
    return list(_annotations(text, {source.n: source for source in sources}))


def _annotations(text: str, sources: dict[int, Source]) -> Iterator[ResponseAnnotation]:
    for citation in citations(text) if sources else ():
        for number in citation.numbers:
            if number in sources:
                yield _annotation(sources[number], citation)


def _annotation(source: Source, citation: Citation) -> ResponseAnnotation:
    passage = source.passage
    if passage.url:
        return {
            "type": "url_citation",
            "url": passage.url,
            "title": passage.file,
            "start_index": citation.start,
            "end_index": citation.end,
        }
    return {
        "type": "file_citation",
        "file_id": f"{passage.collection}/{passage.file}",
        "filename": passage.file,
        "index": citation.start,
    }
