"""Documents in formats of their own: broken, cut short, or far larger inside than outside."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from tests.documents.readers.pdfs import ENCRYPTED, pdf
from tests.ingest.hostile.texts import DEEP, xml_bomb

# What one member of a bomb is unpacked: 1 GB of zeros in a megabyte.
BOMB_BYTES = 1_000_000_000
MEMBERS = 60_000
WORD = "word/document.xml"
# The member without which a file of the kind says nothing.
HEARTS = {
    "docx": WORD,
    "pptx": "ppt/presentation.xml",
    "xlsx": "xl/workbook.xml",
    "odt": "content.xml",
    "epub": "META-INF/container.xml",
}


def damaged(samples: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Each whole file cut short and with bits turned over, by name. samples: by suffix."""
    noise = random.Random(3)
    for suffix, whole in samples.items():
        for part in (1, 2, 3):
            yield f"cut-{part}.{suffix}", whole[: len(whole) * part // 4]
        yield f"cut-off.{suffix}", whole[:-7]
        yield f"head-gone.{suffix}", whole[64:]
        for n in range(3):
            turned = bytearray(whole)
            for _ in range(20):
                turned[noise.randrange(len(turned))] ^= 1 << noise.randrange(8)
            yield f"turned-{n}.{suffix}", bytes(turned)


def swollen() -> Iterator[tuple[str, bytes]]:
    """Small files that want to become large ones, by name."""
    zeros = _deflated(BOMB_BYTES)
    for suffix, heart in HEARTS.items():
        yield f"bomb.{suffix}", _zip([(heart, zeros, BOMB_BYTES)])
        yield f"lying.{suffix}", _zip([(heart, zeros, 1000)])
        yield f"laughing.{suffix}", _packed({heart: xml_bomb().encode()})
        yield f"hollow.{suffix}", _packed({heart: b""})
        yield f"heartless.{suffix}", _packed({"mimetype": b"application/nothing"})
        yield f"climbing.{suffix}", _packed({"../../../etc/cron.d/x": b"x", heart: b"<x/>"})
        yield f"locked.{suffix}", _locked({heart: b"<x/>"})
        yield f"nested.{suffix}", _packed({heart: b"<a>" * DEEP})
    yield from _others(zeros).items()


def _others(zeros: bytes) -> Mapping[str, bytes]:
    return {
        "many.docx": _packed({f"word/{n}.xml": b"" for n in range(MEMBERS)}),
        "twice.docx": _zip([(WORD, _deflated(100), 100)] * 100),
        "overlapping.docx": _overlapping(zeros),
        "bomb.pdf": _pdf_bomb(),
        "password.pdf": pdf("secret", trailer=ENCRYPTED),
        "loop.pdf": pdf("a").replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]"),
        "endless.pdf": pdf("a").replace(b"/Count 1", b"/Count 2147483647"),
        "huge.pdf": pdf("a").replace(b"[0 0 612 792]", b"[0 0 9e9 9e9]"),
        "pages.pdf": pdf(*["a"] * 3000),
        "groups.rtf": b"{\\rtf1 " + b"{" * DEEP,
        "closed.rtf": b"{\\rtf1 " + b"{" * DEEP + b"deep" + b"}" * DEEP + b"}",
        "binary.rtf": b"{\\rtf1 {\\bin999999999 x}}",
        "unicode.rtf": b"{\\rtf1 " + b"\\u-10179?\\u-8694?" * 10_000 + b"}",
        "parts.eml": _nested_mail(500),
        "open.eml": b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 1000,
        "header.eml": b"Subject: " + b"a" * 1_000_000 + b"\n\nbody\n",
        "headers.eml": b"X-A: b\n" * 100_000 + b"\nbody\n",
        "base64.eml": b"Content-Transfer-Encoding: base64\n\n" + b"A" * 1_000_001,
        "charset.eml": b"Content-Type: text/plain; charset=nothing\n\n\xff\xfe\x00\n",
        "encoded.eml": b"Subject: " + b"=?utf-8?b?4pyT?= " * 20_000 + b"\n\nbody\n",
        "bare.eml": b"\n\n\n",
        "outputs.ipynb": b'{"cells": [{"cell_type": "code", "source": 5, "outputs": {}}]}',
        "wrong.ipynb": b'{"nbformat": 4, "cells": "none"}',
    }


def _deflated(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    step = bytes(1 << 20)
    parts = [packer.compress(step[: min(len(step), size - n)]) for n in range(0, size, len(step))]
    return b"".join(parts) + packer.flush()


def _packed(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return stream.getvalue()


def _locked(members: Mapping[str, bytes]) -> bytes:
    """With the flag that says a member is encrypted."""
    content = bytearray(_packed(members))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        content[at + place] |= 1
    return bytes(content)


def _zip(members: list[tuple[str, bytes, int]]) -> bytes:
    """Members as they lie in the file: name, deflated bytes, and the size they claim to have."""
    body, directory = b"", b""
    for name, deflated, claimed in members:
        fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(deflated), claimed, len(name), 0)
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + fields
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name.encode()
        body += b"PK\x03\x04" + fields + name.encode() + deflated
    return body + directory + _end(len(members), len(directory), len(body))


def _overlapping(deflated: bytes) -> bytes:
    """A thousand members that are all the same bytes (Fifield, WOOT 2019)."""
    whole = _zip([(WORD, deflated, BOMB_BYTES)])
    at = whole.index(b"PK\x01\x02")
    entry = whole[at : whole.index(b"PK\x05\x06")]
    directory = entry * 1000
    return whole[:at] + directory + _end(1000, len(directory), at)


def _end(members: int, size: int, at: int) -> bytes:
    return b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, members, members, size, at, 0)


def _pdf_bomb() -> bytes:
    stream = zlib.compress(bytes(200_000_000), 9)
    packed = f"<< /Filter /FlateDecode /Length {len(stream)} >>\nstream\n".encode()
    whole = pdf("a")
    start = whole.index(b"<< /Length", whole.index(b"6 0 obj"))
    end = whole.index(b"endstream", start)
    return whole[:start] + packed + stream + b"\n" + whole[end:]


def _nested_mail(depth: int) -> bytes:
    opening = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth)
    )
    return f"{opening}Content-Type: text/plain\n\nbody\n".encode()
