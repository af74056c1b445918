import io
import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from trinax.documents.chunking import Limits
from trinax.documents.opening import Place
from trinax.ingest import answers
from trinax.ingest.answers import BadAnswer
from trinax.ingest.parsing import Job, Parsed, parsed
from trinax.ingest.scan import Found


@pytest.fixture
def job(tmp_path: Path) -> Job:
    path = tmp_path / "note.md"
    path.write_text("# Note\n\nalpha\n")
    stat = path.stat()
    found = Found("note.md", Place(tmp_path, "note.md"), stat.st_size, stat.st_mtime_ns)
    return Job("notes", found, "", Limits(), 1_000_000)


def sent(one: Parsed) -> bytes:
    stream = io.BytesIO()
    answers.send_parsed(one, stream)
    return stream.getvalue()


def framed(content: bytes) -> io.BytesIO:
    return io.BytesIO(answers.LENGTH.pack(len(content)) + content)


def test_what_was_parsed_arrives_as_it_was(job: Job) -> None:
    one = parsed(job)
    assert answers.receive_parsed(job, io.BytesIO(sent(one))) == one


def test_a_parser_cannot_name_another_file(job: Job) -> None:
    other = replace(job.found, file="other.md")
    answer = sent(Parsed(other, "unreadable", "", "broken"))
    assert answers.receive_parsed(job, io.BytesIO(answer)).found == job.found


def test_a_parser_cannot_replace_a_chunk_of_another_file(job: Job) -> None:
    one = parsed(job)
    chunk = replace(one.chunks[0], id="6b8e2f6c-0d53-4b0a-9b0e-6f6e8a1f6a11")
    with pytest.raises(BadAnswer):
        answers.receive_parsed(job, io.BytesIO(sent(replace(one, chunks=(chunk,)))))


def test_every_chunk_has_its_terms(job: Job) -> None:
    with pytest.raises(BadAnswer):
        answers.receive_parsed(job, io.BytesIO(sent(replace(parsed(job), terms=()))))


@pytest.mark.parametrize(
    "content",
    [pickle.dumps("x"), b"", b"{", b"[]", b'{"outcome": "text"}', b"\xff", b"null"],
)
def test_anything_else_is_no_answer(job: Job, content: bytes) -> None:
    with pytest.raises(BadAnswer):
        answers.receive_parsed(job, framed(content))


def test_a_field_of_another_type_is_no_answer(job: Job) -> None:
    body = json.loads(sent(parsed(job))[answers.LENGTH.size :])
    body["chunks"][0]["start_line"] = "1"
    with pytest.raises(BadAnswer):
        answers.receive_parsed(job, framed(json.dumps(body).encode()))


def test_an_answer_without_end_is_not_waited_for(job: Job) -> None:
    with pytest.raises(BadAnswer):
        answers.receive_parsed(job, io.BytesIO(answers.LENGTH.pack(answers.LIMIT_BYTES + 1)))


def test_half_an_answer_is_the_end(job: Job) -> None:
    with pytest.raises(EOFError):
        answers.receive_parsed(job, io.BytesIO(sent(parsed(job))[:-1]))
