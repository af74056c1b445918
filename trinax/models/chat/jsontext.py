"""JSON as a model writes it, passed on while it comes."""

import json
import re
from collections.abc import Callable

from trinax.models.chat.stream import SPACE, Stream, Wait

OUTSIDE = re.compile(r"[\w\s.,:+-]+")  # between the brackets and strings of JSON
INSIDE = re.compile(r'[^"\\]+')
Write = Callable[[str], None]


def json_object(stream: Stream, write: Write) -> Wait[bool]:
    """Pass an object on, up to its last bracket or what cannot be JSON; False if none begins."""
    if not (yield from stream.goes_on("{")):
        return False
    depth = 0
    while True:
        write((yield from stream.whole(OUTSIDE)))
        character = yield from stream.peek()
        if character == '"':
            yield from _string(stream, write)
        elif character and character in "{[]}":
            write((yield from stream.take()))
            depth += 1 if character in "{[" else -1
        else:
            return True
        if depth == 0:
            return True


def json_string(stream: Stream) -> Wait[str | None]:
    """What a string says; None if there is none, or no end of it."""
    if not (yield from stream.goes_on('"')):
        return None
    parts: list[str] = []
    yield from _string(stream, parts.append)
    try:
        said = json.loads("".join(parts), strict=False)
    except ValueError:
        return None
    return str(said)


def json_scalar(stream: Stream) -> Wait[str]:
    """A number, true, false or null as it is written; "" if there is none."""
    return (yield from stream.whole(re.compile(r"[\w.+-]+")))


def escaped(text: str) -> str:
    """As it stands inside a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def key(stream: Stream) -> Wait[str | None]:
    """The next key of an object and its colon; None where there is none."""
    yield from stream.whole(SPACE)
    found = yield from json_string(stream)
    return found if (yield from stream.skip(":")) else None


def _string(stream: Stream, write: Write) -> Wait[None]:
    write((yield from stream.take()))
    while True:
        write((yield from stream.run(INSIDE)))
        character = yield from stream.peek()
        write((yield from stream.take(2 if character == "\\" else 1)))
        if character in ('"', ""):
            return
