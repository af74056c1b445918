"""What holds for every answer: each citation has its source, each span is in its file."""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from trinax.evaluation.answers.records import Answer, Reply

# Not the server's own reading of its answer: what a person would take for a citation.
NUMBERS = re.compile(r"[\[【]\s{0,3}\^?(\d{1,4}(?:\s{0,3}[-–,;]\s{0,3}\d{1,4}){0,12})\s{0,3}[\]】]")
FENCED = re.compile(r"^\s{0,20}(`{3,}|~{3,}).*?(?:^\s{0,20}\1|\Z)", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")


def faults(answer: Answer, folder: Path) -> list[str]:
    """What does not hold, in words; the first of them begins with its kind and a colon.

    folder: where the cited files are, in UTF-8.
    """
    return [
        *_numbering(answer.whole),
        *_citations(answer.whole),
        *_texts(answer.whole, folder),
        *_spans(answer.whole, folder),
        *_streaming(answer),
    ]


def cited(text: str) -> list[int]:
    """Numbers in brackets outside code, each once, in order."""
    prose = CODE.sub("", FENCED.sub("", text))
    numbers = (int(n) for found in NUMBERS.findall(prose) for n in re.findall(r"\d+", found))
    return list(dict.fromkeys(numbers))


def spans(reply: Reply) -> Iterator[Mapping[str, Any]]:
    """All spans of all sentences."""
    for support in reply.grounding["support"]:
        yield from support["spans"]


def _numbering(reply: Reply) -> Iterator[str]:
    numbers = [source["n"] for source in reply.sources]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"number: the sources are numbered {numbers}"


def _citations(reply: Reply) -> Iterator[str]:
    known = {source["n"] for source in reply.sources}
    for n in cited(reply.text):
        if n not in known:
            yield f"number: [{n}] is cited and is no source"
    for support in reply.grounding["support"]:
        if not known.issuperset(support["sources"]):
            yield f"number: {support['sources']} support a sentence and are no sources"


def _texts(reply: Reply, folder: Path) -> Iterator[str]:
    for source in reply.sources:
        data = (folder / source["file"]).read_bytes()[source["start_byte"] : source["end_byte"]]
        if sha256(data).hexdigest() != source["sha256"]:
            yield f"digest: [{source['n']}] is not what stands in {source['file']}"


def _spans(reply: Reply, folder: Path) -> Iterator[str]:
    sources = {source["n"]: source for source in reply.sources}
    for span in spans(reply):
        source = sources.get(span["n"])
        if source is None:
            yield f"span: {span} is of no source"
            continue
        data = (folder / source["file"]).read_bytes()
        start, end = span["start_byte"], span["end_byte"]
        if not source["start_byte"] <= start < end <= source["end_byte"]:
            yield f"span: {span} is not inside its source"
        if data[start:end] != span["quote"].encode():
            yield f"span: {source['file']} does not hold {span}"
        lines = (data.count(b"\n", 0, start) + 1, data.count(b"\n", 0, end - 1) + 1)
        if lines != (span["start_line"], span["end_line"]):
            yield f"span: {span} is on lines {lines}"


def _streaming(answer: Answer) -> Iterator[str]:
    whole, streamed = answer.whole, answer.streamed
    if whole.text != streamed.text:
        yield f"stream: {streamed.text!r} is streamed, {whole.text!r} is not"
    elif whole != streamed:
        yield "stream: sources or grounding differ from those of the whole answer"
