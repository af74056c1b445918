"""Files that a request brings along, as every wire of our own takes them."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from trinax.answering.records import Attachment
from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.web.declaring.body import READ_LATER, Body, Words

Sent = Annotated[str | None, READ_LATER]


class AttachmentBody(Body):
    """A file to answer from, of which nothing is kept. name: a label, whose suffix says what it is.
    text: what it says, in place of data. data: its bytes in base64."""

    name: Words
    text: Sent = None
    data: Sent = None


def attachments(listed: Sequence[AttachmentBody]) -> tuple[Attachment, ...]:
    """Raises InvalidRequest for one that has not either text or data."""
    return tuple(_attachment(each, f"attachments[{n}]") for n, each in enumerate(listed))


def _attachment(sent: AttachmentBody, place: str) -> Attachment:
    if (sent.text is None) == (sent.data is None):
        raise InvalidRequest(f"{place!r} must have either text or data.", place)
    return Attachment(sent.name, place, sent.text, sent.data or "")


def file(place: str, name: str, data: str | None, elsewhere: Mapping[str, object]) -> Attachment:
    """A file as OpenAI's clients send it. place: of it. elsewhere: fields that only say where it
    is, which are refused: nothing is kept here, and nothing fetched.

    Raises InvalidRequest and UnsupportedParameter.
    """
    for field, given in elsewhere.items():
        if given:
            reason = "no files are kept or fetched here; send its bytes as file_data"
            raise UnsupportedParameter(f"{place}.{field}", reason)
    if not data:
        raise InvalidRequest(f"'{place}.file_data' is missing.", f"{place}.file_data")
    return Attachment(name, f"{place}.file_data", data=data)
