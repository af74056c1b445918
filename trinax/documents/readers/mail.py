"""Messages as mail programs save them, by the standard library."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message

from trinax.documents.readers import text, webpage
from trinax.documents.readers.extracted import Extracted, words
from trinax.errors import UnreadableDocument

HEADERS = ("From", "To", "Cc", "Date")

# What begins a message in a folder of them (RFC 4155), and what it makes of such a line inside.
FROM_LINE = re.compile(rb"(?:\A|(?<=\n))From [^\r\n]+\r?\n")
QUOTED_FROM = re.compile(rb"(?m)^>(>*From )")

WHAT = "a message"

ATTACHMENT = "attachment"
PLAIN = "text/plain"
PAGE = "text/html"


def extracted(data: bytes) -> Extracted:
    """One message: its subject as a heading, who wrote when to whom, what, and with which files.

    Raises UnreadableDocument.
    """
    message = _message(data)
    return Extracted(_shown(message), _header(message, "Subject"))


def folder(data: bytes) -> Extracted:
    """All messages of an mbox file. Raises UnreadableDocument."""
    pieces = [piece for piece in FROM_LINE.split(data) if piece.strip()]
    messages = (_message(QUOTED_FROM.sub(rb"\1", piece)) for piece in pieces)
    return Extracted("\n\n".join(map(_shown, messages)))


def _message(data: bytes) -> Message:
    try:
        message = message_from_bytes(data)
    except RecursionError as exc:
        raise UnreadableDocument(f"{WHAT} that nests too deeply") from exc
    if not any(name in message for name in (*HEADERS, "Subject")):
        raise UnreadableDocument(f"{WHAT} without sender, receiver, date or subject")
    return message


def _shown(message: Message) -> str:
    try:
        bodies = list(_bodies(message))
        files = list(_files(message))
    except RecursionError as exc:
        raise UnreadableDocument(f"{WHAT} that nests too deeply") from exc
    listed = f"Attachments: {', '.join(files)}" if files else ""
    return "\n\n".join(filter(None, (_head(message, "#"), *bodies, listed)))


def _head(message: Message, marks: str) -> str:
    subject = _header(message, "Subject")
    lines = [f"{name}: {value}" for name in HEADERS if (value := _header(message, name))]
    return "\n\n".join(filter(None, (subject and f"{marks} {subject}", "\n".join(lines))))


def _bodies(part: Message) -> Iterator[str]:
    """What is to be read, in order; a text in several forms once."""
    kind = part.get_content_type()
    if part.get_content_disposition() == ATTACHMENT:
        return
    if kind == "multipart/alternative":
        # The last form is the richest (RFC 2046, 5.1.4); plain text loses nothing on the way.
        forms = sorted(_inside(part), key=lambda form: form.get_content_type() == PLAIN)
        yield from next(filter(any, (list(_bodies(form)) for form in reversed(forms))), [])
    elif part.is_multipart():
        for each in _inside(part):
            if kind == "message/rfc822":
                yield _head(each, "##")
            yield from _bodies(each)
    elif kind == PLAIN:
        yield _decoded(part).replace("\r\n", "\n").strip()
    elif kind == PAGE:
        yield webpage.page(_decoded(part)).text


def _files(message: Message) -> Iterator[str]:
    """Names of the attachments; pictures inside of a page are none."""
    for part in message.walk():
        name = part.get_filename()
        if name and (part.get_content_disposition() == ATTACHMENT or "Content-ID" not in part):
            yield _plain(name)


def _inside(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if payload else []


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)  # as of every part that holds no other
    try:
        found = payload.decode(part.get_content_charset("utf-8"))
        found.encode()  # Some encodings can say half of a character.
    except (LookupError, ValueError):
        return text.decoded(payload).text
    return found


def _header(message: Message, name: str) -> str:
    return _plain(str(message.get(name, "")))


def _plain(value: str) -> str:
    try:
        return words(str(make_header(decode_header(value))))
    except (HeaderParseError, LookupError, ValueError):
        return words(value)
