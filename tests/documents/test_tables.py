import pytest

from tests.documents.documents import chunked, words
from trinax.documents.markdown import outline
from trinax.documents.tables import lead, tables

ROWS = "".join(f"| item {n} | {n}.50 | some words about it |\n" for n in range(60))
TABLE = f"| Name | Price (EUR) | Note |\n|---|--:|---|\n{ROWS}"


def test_later_chunks_of_a_table_have_its_header_as_context_only() -> None:
    text = f"# Prices\n\n{words(20)}\n\n{TABLE}\n"
    first, *others = chunked(text, "a.md", "markdown")
    assert first.context == "a › Prices"
    assert len(others) > 2
    assert {chunk.context for chunk in others} == {"a › Prices › Name | Price (EUR) | Note"}
    assert all(chunk.text.startswith("| item") for chunk in others)
    assert all(chunk.text.endswith("about it |") for chunk in others)


def test_text_below_a_table_has_no_header_as_context() -> None:
    found = chunked(f"{TABLE}\n{words(200)}\n", "a.md", "markdown")
    assert found[-1].context == "a"


@pytest.mark.parametrize("kind", ["docx", "sheet", "html"])
def test_tables_of_documents_that_are_read_as_markdown_are_cut_so_too(kind: str) -> None:
    assert chunked(TABLE, "a.x", kind)[-1].context.endswith("› Name | Price (EUR) | Note")


def test_rows_without_outer_bars_are_a_table() -> None:
    text = "words\n\na | b\n1 | 2\n3 | 4\n\nwords | more\n"
    assert [text[start:end] for start, end in tables(text)] == ["a | b\n1 | 2\n3 | 4\n"]


def test_a_table_in_a_fence_is_code() -> None:
    found = chunked(f"```\n{TABLE}```\n", "a.md", "markdown")
    assert {chunk.context for chunk in found} == {"a"}


def test_a_header_without_a_rule_below_is_one_line() -> None:
    text = "| a | b |\n| 1 | 2 |\n"
    assert lead(text, (0, len(text))).start == text.index("| 1")


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "text", ["a | " * 100_000, "|\n" * 100_000, "a | b\n\n" * 50_000, "|" * 300_000, " |" * 99_999]
)
def test_hostile_bars_take_no_time(text: str) -> None:
    tables(text)


@pytest.mark.timeout(20)
def test_many_tables_take_no_time() -> None:
    outline("| a |\n| b |\n\n" * 50_000)
