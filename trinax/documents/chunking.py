"""A document in chunks: contiguous spans, each within a limit of tokens."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import PurePosixPath
from uuid import UUID

from trinax.documents import (
    braces,
    elements,
    keys,
    languages,
    lines,
    markdown,
    prose,
    restructured,
    rows,
    source,
    tokens,
    turns,
)
from trinax.documents.atoms import atoms
from trinax.documents.packing import Atoms, Block, Limits, Outline, Span, packed
from trinax.documents.positions import byte_offsets, line_starts, number
from trinax.documents.records import Chunk, Document

__all__ = ["Limits", "chunks", "ids"]

PROSE_KINDS = {"text", "pdf"}
OUTLINES: dict[str, Callable[[str], Outline]] = {
    "markdown": markdown.outline,
    "rst": restructured.outline,
    "json": braces.outline,
    "xml": elements.outline,
    "yaml": keys.by_indentation,
    "toml": keys.by_header,
    "config": keys.by_header,
    "csv": rows.outline,
}
SEPARATOR = " › "
WRITTEN_LINE = re.compile(r"[^\S\r\n]*\S")


@dataclass(frozen=True, slots=True)
class _Part:
    """A chunk to be: characters start to end, and their tokens."""

    start: int
    end: int
    path: tuple[str, ...]
    tokens: int


def chunks(document: Document, collection: str, limits: Limits) -> list[Chunk]:
    """The document's chunks in order.

    Together they hold every character but blank ones between them, each once unless there is an
    overlap. None is over limits.limit_tokens, but for a single character that is.
    """
    text = document.text
    outline = _outline(document)
    parts = list(_parts(text, outline, limits))
    starts = line_starts(text)
    offsets = byte_offsets(
        text, document.encoding, [offset for part in parts for offset in (part.start, part.end)]
    )
    bodies = [text[part.start : part.end] for part in parts]
    return [
        Chunk(
            id=id,
            text=body,
            context=_context(document, part.path, outline.lead(part.start)),
            start_byte=document.bom_bytes + offsets[part.start],
            end_byte=document.bom_bytes + offsets[part.end],
            start_line=number(starts, part.start),
            end_line=number(starts, part.end - 1),
            page=number(document.pages, part.start) if document.pages else None,
            tokens=part.tokens,
            encoding=document.encoding,
        )
        for id, body, part in zip(
            ids(collection, document.file, bodies), bodies, parts, strict=True
        )
    ]


def ids(collection: str, file: str, texts: Sequence[str]) -> list[str]:
    """The ids of a file's chunks; texts: of all of them, in order."""
    seen: Counter[str] = Counter()
    found = []
    for text in texts:
        found.append(_id(collection, file, text, seen[text]))
        seen[text] += 1
    return found


def _outline(document: Document) -> Outline:
    text, kind = document.text, document.kind
    if kind in source.KINDS:
        return source.outline(text, kind)
    if kind in languages.READ_AS_MARKDOWN:
        return markdown.outline(text)
    if found := OUTLINES.get(kind):
        return found(text)
    if kind == "text" and (spoken := turns.starts(text)):
        return turns.outline(text, spoken)
    borders = prose.borders(text) if kind in PROSE_KINDS else lines.borders(text)
    pages = document.pages or (0,)
    ends = (*pages[1:], len(text))
    return Outline(tuple(map(Block, pages, ends)), borders)


def _parts(text: str, outline: Outline, limits: Limits) -> Iterator[_Part]:
    edges = {edge: 0.0 for block in outline.blocks for edge in _starts(block)}
    pieces = atoms(text, {**outline.borders, **edges}, limits.limit_tokens)
    pieces = pieces.holding(outline.held, limits.limit_tokens)
    for block in outline.blocks:
        for span in packed(block, pieces, limits):
            start, end = _trimmed(text, pieces.starts[span.first], pieces.starts[span.last])
            if start >= end:  # nothing but blanks
                continue
            size = _size(text, pieces, span, (start, end))
            yield from _divided(text, _Part(start, end, span.path, size), limits.limit_tokens)


def _starts(block: Block) -> Iterator[int]:
    yield block.start
    for part in block.parts:
        yield from _starts(part)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without blank lines before, or blanks after; a first line keeps its indentation."""
    body = text[start:end]
    content = body.lstrip()
    blanks = body[: len(body) - len(content)]
    indent = len(blanks) - max(blanks.rfind("\n"), blanks.rfind("\r")) - 1
    if indent == len(blanks) and start > 0 and text[start - 1] not in "\r\n":
        indent = 0
    return end - len(content) - indent, start + len(body.rstrip())


def _size(text: str, pieces: Atoms, span: Span, trimmed: tuple[int, int]) -> int:
    """The exact number of tokens of what is left of a span.

    No token spans the start of a line that is not blank, or a blank after a word (see
    tokens.PATTERN), so pieces that begin there add up, and only the first and the last, which may
    have lost their blanks, are counted again.
    """
    start, end = trimmed
    edges = pieces.starts[span.first : span.last]
    if len(edges) < 2 or start >= edges[1] or end <= edges[-1]:
        return tokens.count(text[start:end])
    if not all(_parts_tokens(text, edge) for edge in edges[1:]):
        return tokens.count(text[start:end])
    between = pieces.tokens(span.first + 1, span.last - 1)
    return tokens.count(text[start : edges[1]]) + between + tokens.count(text[edges[-1] : end])


def _parts_tokens(text: str, edge: int) -> bool:
    """Whether what stands before an edge is tokenised as if nothing came after, and the reverse."""
    before, after = text[edge - 1], text[edge]
    if before in "\r\n":
        return not after.isspace() or WRITTEN_LINE.match(text, edge) is not None
    return after in " \t" and not before.isspace()


def _divided(text: str, part: _Part, limit_tokens: int) -> Iterator[_Part]:
    """The part itself, or its halves: cut at other places than the pieces that were added up, a
    text can, in rare runs without blanks, turn out longer than their sum."""
    if part.tokens <= limit_tokens or part.end - part.start == 1:
        yield part
        return
    middle = (part.start + part.end) // 2
    for half in ((part.start, middle), (middle, part.end)):
        start, end = _trimmed(text, *half)
        if start < end:
            size = tokens.count(text[start:end])
            yield from _divided(text, _Part(start, end, part.path, size), limit_tokens)


def _id(collection: str, file: str, text: str, occurrence: int) -> str:
    name = "\0".join((collection, file, text, str(occurrence)))
    return str(UUID(bytes=blake2b(name.encode(), digest_size=16).digest()))


def _context(document: Document, path: tuple[str, ...], lead: str) -> str:
    path = (*path, lead) if lead else path
    if document.kind in source.KINDS:
        is_named = document.title not in ("", PurePosixPath(document.file).stem)
        head = f"{document.file}: {document.title}" if is_named else document.file
        return SEPARATOR.join((head, *path))
    if path and path[0] == document.title:
        path = path[1:]
    return SEPARATOR.join((document.title, *path))
