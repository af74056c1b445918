from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.documents.readers.pdfs import ENCRYPTED, pdf
from tests.ingest.test_farm import DEADLY
from trinax.documents.opening import Place
from trinax.documents.reading import read
from trinax.errors import UnreadableDocument
from trinax.ingest.apart import Apart
from trinax.ingest.parsing import Reading

LIMIT = 1_000_000


@pytest.fixture
def apart() -> Iterator[Apart]:
    apart = Apart()
    yield apart
    apart.close()


@pytest.fixture
def paper(tmp_path: Path) -> Reading:
    (tmp_path / "paper.pdf").write_bytes(pdf("One.", "Two."))
    return Reading(Place(tmp_path, "paper.pdf"), "docs/paper.pdf", LIMIT)


def test_a_document_read_apart_is_the_same(apart: Apart, paper: Reading) -> None:
    found = apart.read(paper)
    assert found == read(paper.place, paper.file, LIMIT)
    assert found.pages == (0, 6)


def test_one_process_reads_several(apart: Apart, paper: Reading) -> None:
    assert apart.read(paper) == apart.read(paper)


def test_the_reason_of_a_refusal_arrives(apart: Apart, paper: Reading) -> None:
    (paper.place.folder / "paper.pdf").write_bytes(pdf("x", trailer=ENCRYPTED))
    with pytest.raises(UnreadableDocument) as here:
        read(paper.place, paper.file, LIMIT)
    with pytest.raises(UnreadableDocument) as there:
        apart.read(paper)
    assert there.value.reason == here.value.reason


def test_what_takes_too_long_is_given_up(paper: Reading) -> None:
    apart = Apart(limit_s=0.01)
    with pytest.raises(UnreadableDocument, match="took too long"):
        apart.read(paper)
    apart.close()


def test_the_next_file_is_read_after_a_failure(apart: Apart, paper: Reading) -> None:
    deadly: Any = DEADLY
    with pytest.raises(UnreadableDocument, match="broke down"):
        apart.read(replace(paper, file=deadly))
    assert apart.read(paper).text == "One.\n\nTwo."


def test_a_closed_one_reads_nothing(apart: Apart, paper: Reading) -> None:
    apart.close()
    with pytest.raises(UnreadableDocument):
        apart.read(paper)
