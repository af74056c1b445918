"""Files that come with a question: read, ranked, and given their say beside what else is found."""

import base64
import binascii
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Protocol

import anyio.to_thread

from trinax.answering.records import Allowance, Attachment
from trinax.answering.seating import Seats, are_short, seated, together
from trinax.documents import languages
from trinax.documents.chunking import Limits
from trinax.documents.records import Cut
from trinax.embedding.ports import Embedder
from trinax.errors import AttachmentRefused, InvalidRequest
from trinax.index.records import Passage
from trinax.retrieval import searching
from trinax.retrieval.ephemeral import ATTACHED, Shelf, attached
from trinax.retrieval.merging import merged
from trinax.retrieval.records import Found, Query
from trinax.settings import Settings

NAME_CHARACTERS = 200
DATA_URL = re.compile(r"data:([^;,]{0,200})[^,]{0,200};base64,", re.IGNORECASE)
UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# What a data URL says of a file whose name says nothing.
OFFICE = "application/vnd.openxmlformats-officedocument"
SUFFIXES: Mapping[str, str] = {
    "application/pdf": ".pdf",
    f"{OFFICE}.wordprocessingml.document": ".docx",
    f"{OFFICE}.presentationml.presentation": ".pptx",
    f"{OFFICE}.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/epub+zip": ".epub",
    "application/rtf": ".rtf",
    "application/json": ".json",
    "message/rfc822": ".eml",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/csv": ".csv",
}


Search = Callable[[Query], Awaitable[Found]]


class Read(Protocol):
    """What reads files that lie nowhere: by name, each in chunks or, in one clause, why not."""

    def __call__(
        self, collection: str, files: Mapping[str, bytes], limits: Limits
    ) -> Awaitable[Sequence[Cut | str]]: ...


@dataclass(frozen=True, slots=True)
class Attached:
    """passages: of all attachments, in order. missing: what of them is no text, a clause each."""

    passages: tuple[Passage, ...]
    shelf: Shelf
    missing: tuple[str, ...]


class Attaching:
    """Callable from any task; holds nothing of what was attached."""

    def __init__(self, read: Read, embedder: Embedder, settings: Settings) -> None:
        """embedder: a fast one, for attachments are embedded while somebody waits."""
        self._read = read
        self._embedder = embedder
        self._settings = settings

    async def taken(self, sent: Sequence[Attachment], allowance: Allowance) -> Attached:
        """Raises AttachmentRefused, InvalidRequest for too many, and InputTooLong."""
        files = await anyio.to_thread.run_sync(self._files, sent)
        chunking = self._settings.chunking
        limits = Limits(chunking.limit_tokens, chunking.overlap_tokens)
        read = await self._read(ATTACHED, files, limits)
        cuts = list(_readable(sent, files, read))
        characters = sum(len(cut.document.text) for cut in cuts)
        limit = self._settings.attachments.limit_characters
        if characters > limit:
            reason = f"the text of all attachments is longer than {limit} characters"
            raise AttachmentRefused([*files][-1], reason, sent[-1].place)
        allowance.check(characters)
        return await anyio.to_thread.run_sync(self._shelved, cuts)

    def found(self, query: Query, attached: Attached) -> Found:
        """Passages of attachments that may answer the query, best first; may block."""
        retrieval = self._settings.retrieval
        return searching.found(query, [attached.shelf], self._embedder, retrieval)

    def seated(self, query: Query, attached: Attached, others: Found | None, seats: Seats) -> Found:
        """Passages for an answer from attachments and what was found elsewhere, None if nothing
        was looked for there. May block."""
        own = self._own(query, attached, seats)
        found = together(own, others, len(attached.passages) + seats.passages, seats)
        return replace(found, ranked=seated(own, attached.passages, found.ranked, seats))

    def reseated(self, query: Query, attached: Attached, found: Found, seats: Seats) -> Found:
        """The same of what search() has brought up for parts of the query. May block."""
        own = self._own(query, attached, seats)
        return replace(found, ranked=seated(own, attached.passages, found.ranked, seats))

    async def search(self, attached: Attached, elsewhere: Search, query: Query) -> Found:
        """Attachments and what is searched elsewhere in one ranking, with each stage's time."""
        others = await elsewhere(query)
        own = await anyio.to_thread.run_sync(self.found, query, attached)
        # None is left out: who searches wants to see what there is.
        best = merged([own, others], query.limit, threshold=0.0)
        stages = {**own.timing_ms, **others.timing_ms}
        timing_ms = {
            name: own.timing_ms.get(name, 0.0) + others.timing_ms.get(name, 0.0) for name in stages
        }
        return replace(best, dropped=(*own.dropped, *others.dropped), timing_ms=timing_ms)

    def _own(self, query: Query, attached: Attached, seats: Seats) -> Found:
        """What the attachments alone give, however few files they are."""
        passages = attached.passages
        if are_short(passages, seats):
            query = replace(query, limit=len(passages), merge=False, per_file=0)
        else:
            query = replace(query, limit=seats.passages, per_file=0)
        return self.found(query, attached)

    def _files(self, sent: Sequence[Attachment]) -> dict[str, bytes]:
        """By names that are all different, in the order sent."""
        limits = self._settings.attachments
        if len(sent) > limits.files:
            what = f"A request takes at most {limits.files} attachments; this one has {len(sent)}."
            raise InvalidRequest(what, sent[limits.files].place)
        files: dict[str, bytes] = {}
        for number, each in enumerate(sent, 1):
            name = _distinct(_label(each, number), files)
            files[name] = _content(each, name)
            if sum(map(len, files.values())) > limits.limit_bytes:
                reason = f"with it all attachments are over {limits.limit_bytes} bytes"
                raise AttachmentRefused(name, reason, each.place)
        return files

    def _shelved(self, cuts: Sequence[Cut]) -> Attached:
        passages = tuple(each for cut in cuts for each in attached(cut))
        missing = [f"{c.document.file}: {c.document.missing}" for c in cuts if c.document.missing]
        return Attached(passages, Shelf(passages, self._embedder), tuple(missing))


def _readable(
    sent: Sequence[Attachment], names: Iterable[str], read: Sequence[Cut | str]
) -> Iterable[Cut]:
    for each, name, cut in zip(sent, names, read, strict=False):
        if isinstance(cut, str):
            raise AttachmentRefused(name, cut, each.place)
        if not cut.chunks:
            raise AttachmentRefused(name, cut.document.missing or "it holds no text", each.place)
        yield cut


def _label(attachment: Attachment, number: int) -> str:
    """The last part of its name, with a suffix where only its type says what it is."""
    name = UNSHOWN.sub("", attachment.name.replace("\\", "/").rpartition("/")[2]).strip()
    name = name[-NAME_CHARACTERS:] or f"attachment {number}"
    if attachment.text is not None:
        # Somebody has taken the text out of it already.
        is_text = languages.kind(name) not in (None, "pdf", *languages.READ_AS_MARKDOWN)
        return name if is_text or name.lower().endswith((".html", ".htm")) else f"{name}.txt"
    stated = DATA_URL.match(attachment.data)
    suffix = SUFFIXES.get(stated[1].strip().lower(), "") if stated else ""
    return name if PurePosixPath(name).suffix else f"{name}{suffix}"


def _distinct(name: str, taken: Iterable[str]) -> str:
    path, number, found = PurePosixPath(name), 1, name
    while found in taken:
        number += 1
        found = f"{path.stem} ({number}){path.suffix}"
    return found


def _content(attachment: Attachment, name: str) -> bytes:
    if attachment.text is not None:
        return attachment.text.encode()
    data = attachment.data
    stated = DATA_URL.match(data)
    encoded = data[stated.end() :] if stated else data
    try:
        # Some programs break it into lines.
        return base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise AttachmentRefused(name, "its data is no base64", attachment.place) from exc
