"""What strangers send: every route with paths, headers and bodies that nobody should send."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, quote_from_bytes

from hypothesis import strategies as st
from starlette.routing import Route, compile_path

from tests.hardening.asking import Sent

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND")
OUTSIDE = (
    b"..",
    b"../../../../etc/passwd",
    b"..%2f..%2f..%2fetc%2fpasswd",
    b"%2e%2e/%2e%2e/etc/passwd",
    b"%252e%252e%252fetc%252fpasswd",
    b"..\\..\\windows\\win.ini",
    b"..%5c..%5cetc%5cpasswd",
    b"/etc/passwd",
    b"%2fetc%2fpasswd",
    b"C:%5cWindows%5cwin.ini",
    b"file:///etc/passwd",
    b"guide.md%00.png",
    b"%00",
    b"guide.md/..",
    b"./guide.md",
    b"guide.md/",
    b".env",
    b".git/config",
    b"~root/.ssh/id_rsa",
    b"%c0%ae%c0%ae%c0%af",
    b"%ff%fe",
    b"con",
    b"a" * 5000,
    b"%0d%0aset-cookie:%20a=b",
    "‮gpj.exe".encode(),
)
KNOWN = (b"demo", b"guide.md", b"auto", b"trinax-extract", b"00000000-0000-0000-0000-000000000000")
HEADERS = (
    b"authorization",
    b"x-api-key",
    b"api-key",
    b"x-admin-token",
    b"host",
    b"origin",
    b"content-type",
    b"content-length",
    b"content-encoding",
    b"accept",
    b"accept-encoding",
    b"cookie",
    b"x-request-id",
    b"x-forwarded-for",
    b"forwarded",
    b"x-real-ip",
    b"mcp-session-id",
    b"mcp-protocol-version",
    b"last-event-id",
    b"range",
    b"if-none-match",
    b"access-control-request-method",
    b"access-control-request-headers",
    b"access-control-request-private-network",
)
VALUES = (
    b"Bearer trx_",
    b"Bearer trx_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    b"Basic Og==",
    b"Bearer",
    b"null",
    b"http://localhost:3000",
    b"https://example.com",
    b"file://",
    b"application/json",
    b"multipart/form-data",
    b"multipart/form-data; boundary=x",
    b"text/event-stream, application/json",
    b"gzip",
    b"chunked",
    b"-1",
    b"99999999999999999999",
    b"127.0.0.1",
    b"::ffff:127.0.0.1, 10.0.0.1",
    b'for="[::1]:80";by=x',
    b"localhost\x00.example.com",
    b"[::1",
    b"bytes=0-",
)
CLIENTS = ("127.0.0.1", "::1", "192.168.1.20", "8.8.8.8", "::ffff:127.0.0.1", "nonsense", None)

texts = st.text(max_size=40)
# As any JSON may be, half of a surrogate pair and numbers that no float holds included.
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**62, max_value=2**80)
    | st.floats()
    | texts
    | st.sampled_from(["\ud800", "\x00", "auto", "demo", "a" * 20_000, "[1]", "../../etc/passwd"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)


@dataclass(frozen=True, slots=True)
class Target:
    """A route and the names of the fields that its body may have."""

    method: str
    path: str
    fields: tuple[str, ...]


def targets(routes: Sequence[Route], document: dict[str, Any]) -> list[Target]:
    """document: the server's own, which knows the fields."""
    return [
        Target(method, route.path, _fields(document, route.path_format, method))
        for route in routes
        for method in sorted(route.methods or ())
    ]


def requests(targets: Sequence[Target]) -> st.SearchStrategy[Sent]:
    return st.sampled_from(targets).flatmap(_request)


def _request(target: Target) -> st.SearchStrategy[Sent]:
    return st.builds(
        Sent,
        method=st.just(target.method) | st.sampled_from(METHODS),
        raw_path=_paths(target.path),
        query=_queries(),
        headers=st.lists(_headers(), max_size=5).map(tuple).map(partial(_of_body, target)),
        body=_multiparts() if _takes_files(target) else _bodies(target.fields),
        client=st.sampled_from(CLIENTS),
    ).filter(_is_harmless)


def _takes_files(target: Target) -> bool:
    return (target.method, target.path) == ("POST", "/v1/collections/{id}/files")


def _of_body(
    target: Target, headers: tuple[tuple[bytes, bytes], ...]
) -> tuple[tuple[bytes, bytes], ...]:
    """With what a form needs to be read at all, unless something else was to be sent."""
    if not _takes_files(target) or any(name == b"content-type" for name, _ in headers):
        return headers
    return (*headers, (b"content-type", b"multipart/form-data; boundary=x"))


def _paths(path: str) -> st.SearchStrategy[bytes]:
    """The route's own, with hostile parts in place of its parameters."""
    _, path_format, parameters = compile_path(path)
    part = st.sampled_from(KNOWN) | st.sampled_from(OUTSIDE) | st.binary(max_size=20).map(_quoted)
    return st.tuples(*(part for _ in parameters)).map(lambda parts: _filled(path_format, parts))


def _filled(path_format: str, parts: tuple[bytes, ...]) -> bytes:
    before, *rest = _pieces(path_format)
    filled = before
    for part, after in zip(parts, rest, strict=True):
        filled += part + after
    return filled


def _pieces(path_format: str) -> list[bytes]:
    """What stands round the parameters."""
    pieces = [""]
    inside = False
    for character in path_format:
        if character == "{":
            inside = True
            pieces.append("")
        elif character == "}":
            inside = False
        elif not inside:
            pieces[-1] += character
    return [piece.encode() for piece in pieces]


def _quoted(part: bytes) -> bytes:
    return quote_from_bytes(part, safe="").encode()


def _queries() -> st.SearchStrategy[bytes]:
    names = st.sampled_from(["limit", "offset", "q", "collection"]) | texts
    given = st.sampled_from(["-1", "0", "9" * 30, "1e5", "demo", "../x", "\x00"]) | texts
    pairs = st.lists(st.tuples(names, given), max_size=3)
    return pairs.map(lambda each: "&".join(map(_pair, each)).encode()) | st.binary(max_size=30)


def _pair(pair: tuple[str, str]) -> str:
    name, value = (quote(part.encode("utf-8", "replace")) for part in pair)
    return f"{name}={value}"


def _headers() -> st.SearchStrategy[tuple[bytes, bytes]]:
    names = st.sampled_from(HEADERS) | st.from_regex(rb"[a-z-]{1,20}", fullmatch=True)
    return st.tuples(names, st.sampled_from(VALUES) | st.binary(max_size=60))


def _bodies(fields: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    names = st.sampled_from(fields) | texts if fields else texts
    objects = st.dictionaries(names, values, max_size=6)
    asked = st.fixed_dictionaries({name: _plausible(name) for name in fields[:3]})
    merged = st.tuples(asked, objects).map(lambda both: {**both[0], **both[1]})
    written = (objects | merged | values).map(lambda value: json.dumps(value).encode())
    nested = st.integers(1, 3000).map(lambda depth: b"[" * depth + b"]" * depth)
    return written | nested | st.binary(max_size=200) | _multiparts()


def _plausible(name: str) -> st.SearchStrategy[Any]:
    """Something that a field of that name may be, so that what lies behind it is reached."""
    if name == "messages":
        return st.just([{"role": "user", "content": "Who is the keeper?"}])
    if name in ("query", "prompt", "input", "model", "id", "root"):
        return st.sampled_from(["Who is the keeper?", "auto", "demo", "/nowhere"])
    return values


def _multiparts() -> st.SearchStrategy[bytes]:
    hostile = [
        "../../x.md",
        "/etc/passwd",
        "a\x00.md",
        "C:\\x",
        "\r\n",
        ".env",
        "con.md",
        "a/" * 99,
    ]
    names = st.sampled_from(["a.md", "docs/a.md", *hostile]) | texts
    parts = st.tuples(names, st.binary(max_size=60)).map(_multipart)
    whole = st.lists(parts, max_size=4).map(lambda each: b"".join(each) + b"--x--\r\n")
    cut = st.tuples(whole, st.integers(0, 200)).map(lambda both: both[0][: -both[1]])
    return whole | cut | st.binary(max_size=200)


def _multipart(part: tuple[str, bytes]) -> bytes:
    head = f'--x\r\ncontent-disposition: form-data; name="files"; filename="{part[0]}"\r\n\r\n'
    return head.encode("utf-8", "replace") + part[1] + b"\r\n"


def _is_harmless(sent: Sent) -> bool:
    """Whether no folder of this machine becomes a collection, "demo" stays one to search, and an
    answer that never ends is not waited for."""
    if sent.method in ("DELETE", "PATCH") and sent.path.startswith("/v1/collections/demo"):
        return False
    if sent.path.startswith("/v1/collections") and _follows(sent):
        return False
    try:
        body = json.loads(sent.body)
    except (ValueError, RecursionError):
        return True
    root = body.get("root") if isinstance(body, dict) else None
    return not (isinstance(root, str) and os.path.isdir(root))


def _follows(sent: Sent) -> bool:
    accepted = any(b"event-stream" in value for _, value in sent.headers)
    return accepted or b"stream" in sent.query


def _fields(document: dict[str, Any], path: str, method: str) -> tuple[str, ...]:
    operation = document["paths"].get(path, {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    schema = document["components"]["schemas"].get(reference.rpartition("/")[2], {})
    required = schema.get("required", [])
    others = [name for name in schema.get("properties", {}) if name not in required]
    return (*required, *others)
