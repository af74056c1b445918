from contextlib import suppress

import pytest

from tests.documents.readers.packages import (
    COMPOUND,
    ENCRYPTED,
    open_document,
    row,
    workbook,
    zipped,
)
from trinax.documents.readers.sheet import extracted
from trinax.errors import UnreadableDocument


def test_every_sheet_is_a_heading_with_its_rows() -> None:
    found = extracted(
        workbook(Größen=row(1, "Name", "Größe") + row(2, "日本", "🙂"), More=row(1, "x"))
    )
    assert found.text == "# Größen\n\n| Name | Größe |\n| 日本 | 🙂 |\n\n# More\n\n| x |"
    assert found.title == "The Numbers"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("<c><v>3</v></c>", "3"),
        ("<c><v>0.30000000000000004</v></c>", "0.3"),
        ("<c><v>1234567.25</v></c>", "1234567.25"),
        ('<c t="b"><v>1</v></c>', "TRUE"),
        ('<c s="1"><v>45352</v></c>', "2024-03-01"),
        ('<c t="str"><f>A1</f><v>made of others</v></c>', "made of others"),
        ("two\nlines | bar", "two lines \\| bar"),
    ],
)
def test_a_cell_is_shown_by_its_value(cell: str, shown: str) -> None:
    assert extracted(workbook(S=row(1, cell))).text == f"# S\n\n| {shown} |"


def test_an_empty_row_divides_and_an_empty_sheet_is_left_out() -> None:
    rows = row(1, "a", "", "c") + row(3, "", "d", "<c><v></v></c>")
    found = extracted(workbook(Empty="", S=rows)).text
    assert found == "# S\n\n| a | | c |\n\n| | d |".replace("| |", "|  |")


def test_an_opendocument_sheet_is_read_too() -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(
        f"<table:table-row>{cell.format(a)}{cell.format(b)}</table:table-row>"
        for a, b in (("Name", "Größe"), ("a", "1"))
    )
    sheet = f'<table:table table:name="S">{rows}</table:table>'
    assert (
        extracted(open_document("spreadsheet", sheet)).text == "# S\n\n| Name | Größe |\n| a | 1 |"
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "a sheet that is broken"),
        (zipped({"a.txt": "no parts"}), "a sheet that is broken"),
        (COMPOUND, "a sheet that is broken"),
        (ENCRYPTED, "a sheet that needs a password"),
        (
            workbook(S='<row r="1048576"><c r="XFD1048576" t="str"><v>far</v></c></row>'),
            "a sheet of 1048576 × 16384 cells is too large",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=f"^{reason}$"):
        extracted(data)


def test_a_cut_off_file_is_refused() -> None:
    whole = workbook(S=row(1, "some text"))
    for end in range(0, len(whole), 40):
        with suppress(UnreadableDocument):
            assert "some text" in extracted(whole[:end]).text
