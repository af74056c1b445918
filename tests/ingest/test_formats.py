from pathlib import Path

import pytest

from tests.documents.readers import packages
from tests.documents.readers.pdfs import SCAN, pdf
from tests.ingest.conftest import Build, House
from trinax.documents.opening import Place
from trinax.errors import UnreadableDocument
from trinax.ingest import rules
from trinax.ingest.apart import Apart
from trinax.ingest.parsing import Reading, is_read_apart
from trinax.ingest.records import Failure

SCANNED = "page 2 is a picture: scanned pages need OCR first"


async def test_office_files_are_found_by_their_words(house: House, folder: Path) -> None:
    body = packages.paragraph("Budget", '<w:pStyle w:val="Heading1"/>')
    (folder / "a.docx").write_bytes(packages.word(body + packages.paragraph("seven alpacas")))
    (folder / "b.pptx").write_bytes(packages.presentation("", packages.shape("eight llamas")))
    await house.ingest.reconcile()
    assert house.texts("a.docx") == ["# Budget\n\nseven alpacas"]
    [passage] = house.store().chunks("b.pptx")
    assert (passage.chunk.page, passage.kind) == (2, "pptx")
    assert passage.chunk.context == "The Deck"


async def test_what_of_an_indexed_file_could_not_be_read_is_listed(
    build: Build, folder: Path
) -> None:
    (folder / "half.pdf").write_bytes(pdf("Words.", SCAN))
    (folder / "blank.odt").write_bytes(packages.open_document("text", ""))
    house = build()
    await house.ingest.reconcile()
    expected = (Failure("blank.odt", "it holds no text"), Failure("half.pdf", SCANNED))
    status = house.ingest.status("notes")
    assert (status.indexed, status.failed, status.left_out) == (2, 0, expected)
    await house.ingest.close()
    house.close_stores()
    house = build()
    await house.ingest.reconcile()
    assert house.ingest.status("notes").left_out == expected
    (folder / "half.pdf").write_bytes(pdf("Words.", "More words."))
    (folder / "blank.odt").unlink()
    await house.ingest.reconcile()
    assert house.ingest.status("notes").left_out == ()
    await house.ingest.close()


async def test_a_file_of_an_outdated_format_is_listed_with_what_to_do(
    house: House, folder: Path
) -> None:
    (folder / "old.doc").write_bytes(packages.COMPOUND)
    (folder / "new.docx").write_bytes(packages.COMPOUND)
    await house.ingest.reconcile()
    status = house.ingest.status("notes")
    assert status.left_out == (Failure("old.doc", f"{rules.BINARY}; saved as .docx it is read"),)
    assert status.failures == (
        Failure("new.docx", "a Word file in the old format: save it as .docx"),
    )


@pytest.mark.parametrize(
    "file", ["a.docx", "a.pptx", "a.xls", "a.ods", "a.odt", "a.epub", "a.eml", "a.rtf", "a.pdf"]
)
def test_what_strangers_packed_is_read_apart(file: str) -> None:
    assert is_read_apart(file)
    assert not is_read_apart("a.md")


def test_a_file_that_takes_all_memory_costs_itself_only(tmp_path: Path) -> None:
    rows = packages.row(1, "near") + '<row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row>'
    parts = {"xl/_rels/workbook.xml.rels": packages.relations(("worksheet", "sheet.data"))}
    space = f'xmlns="{packages.OPEN}/spreadsheetml/2006/main"'
    # No part of a name that is checked for its size.
    parts["xl/sheet.data"] = f"<worksheet {space}><sheetData>{rows}</sheetData></worksheet>"
    (tmp_path / "a.xlsx").write_bytes(packages.workbook(parts, S=""))
    (tmp_path / "a.rtf").write_bytes(rb"{\rtf1 Words.}")
    apart = Apart()
    try:
        with pytest.raises(UnreadableDocument, match="broke down"):
            apart.read(Reading(Place(tmp_path, "a.xlsx"), "a.xlsx", 1_000_000))
        rtf = Reading(Place(tmp_path, "a.rtf"), "a.rtf", 1_000_000)
        assert apart.read(rtf).text == "Words."
    finally:
        apart.close()
