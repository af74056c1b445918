"""Files out of a form (RFC 7578), onto the disk as they come: the only place that knows
python_multipart."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from trinax.errors import InvalidRequest
from trinax.ingest.naming import BadName, sanitised
from trinax.ingest.uploads import Refused, Sent, synced

FIELD = b"files"
TYPE = b"multipart/form-data"
# RFC 2046 allows no longer one.
BOUNDARY_BYTES = 70
# Of a name in an answer; it may be megabytes.
NAME_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Limits:
    file_bytes: int
    files: int


@dataclass(slots=True)
class _Part:
    """One field of the form. stream: where its bytes go; None if nobody wants them."""

    names: list[bytes] = field(default_factory=list)
    name: bytes = b""
    value: bytes = b""
    disposition: bytes = b""
    file: str = ""
    stream: BinaryIO | None = None
    size_bytes: int = 0


class Files:
    """The files of one form. Blocks; used by one thread at a time."""

    def __init__(self, content_type: str, folder: Path, limits: Limits) -> None:
        """folder: for their bytes. Raises InvalidRequest for what is no form."""
        self.sent: list[Sent] = []
        self.refused: list[Refused] = []
        self._folder = folder
        self._limits = limits
        self._part = _Part()
        self._count = 0
        self._ended = False
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != TYPE or not 0 < len(boundary) <= BOUNDARY_BYTES:
            raise InvalidRequest("The body must be multipart/form-data with files in 'files'.")
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header,
                "on_headers_finished": self._open,
                "on_part_data": self._data,
                "on_part_end": self._close,
                "on_end": self._end,
            },
        )

    def feed(self, data: bytes) -> None:
        """Raises InvalidRequest for what is no form or holds too many files, and OSError."""
        try:
            self._parser.write(data)
        except FormParserError as exc:
            raise InvalidRequest(f"The body is no multipart/form-data: {exc}.") from exc

    def end(self) -> None:
        """Raises InvalidRequest if something is missing."""
        if not self._ended:
            raise InvalidRequest("The body ends before its last boundary.")

    def close(self) -> None:
        """Whatever has happened."""
        if self._part.stream is not None:
            self._part.stream.close()

    def _begin(self) -> None:
        self._part = _Part()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._part.name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._part.value += data[start:end]

    def _header(self) -> None:
        part = self._part
        if part.name.lower() == b"content-disposition":
            part.disposition = part.value
        part.name = part.value = b""

    def _open(self) -> None:
        part = self._part
        _, options = parse_options_header(part.disposition)
        if options.get(b"name") != FIELD or b"filename" not in options:
            return
        self._count += 1
        if self._count > self._limits.files:
            raise InvalidRequest(f"These are more than {self._limits.files} files.", "files")
        name = options[b"filename"].decode("utf-8", "replace")
        try:
            part.file = self._named(name, part.disposition)
        except BadName as exc:
            self.refused.append(Refused(name[:NAME_CHARACTERS], exc.reason))
            return
        part.stream = (self._folder / str(self._count)).open("wb")

    def _named(self, name: str, disposition: bytes) -> str:
        # The library drops all before the last backslash of what looks like a drive of Windows.
        if b"\\" in disposition:
            raise BadName("its name holds a backslash; use / between folders")
        file = sanitised(name)
        if any(one.file == file for one in self.sent):
            raise BadName("it stands in the request twice")
        return file

    def _data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        if part.stream is None:
            return
        part.size_bytes += end - start
        if part.size_bytes > self._limits.file_bytes:
            part.stream.close()
            part.stream = None
            reason = f"larger than {self._limits.file_bytes} bytes"
            self.refused.append(Refused(part.file, reason))
            return
        part.stream.write(data[start:end])

    def _close(self) -> None:
        part = self._part
        if part.stream is None:
            return
        content = Path(part.stream.name)
        synced(part.stream)
        part.stream.close()
        part.stream = None
        self.sent.append(Sent(part.file, part.size_bytes, content))

    def _end(self) -> None:
        self._ended = True
