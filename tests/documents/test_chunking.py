import codecs
import random
from itertools import pairwise
from pathlib import Path
from time import process_time
from uuid import UUID

import pytest

from tests.documents.documents import chunked, document, words
from tests.documents.readers.pdfs import pdf
from trinax.documents.chunking import Limits, chunks
from trinax.documents.opening import Place
from trinax.documents.reading import read
from trinax.documents.records import Chunk, Document
from trinax.documents.tokens import count
from trinax.errors import BadSetting

KINDS = [
    *("text", "markdown", "rst", "html", "python", "javascript", "c", "sql", "css"),
    *("json", "yaml", "toml", "config", "xml", "csv"),
]

# What trips up those who count characters, bytes and lines: runs of these are put together.
SHARDS = [
    *("\n", "\r\n", "\r", "\t", " ", "\x0b", "\x0c", "\x85", "\u2028", "\u3000", "\u200d", "\x1c"),
    *("word ", "# Head\n", "```\n", "| a | b |\n", "def f():\n", "    x = 1\n", "class A:\n", "}"),
    *(
        "ﷺ",
        "e\u0301",
        "👩‍👩‍👧",
        "日本語。",
        "ÀÉ",
        "Σ",
        "ß",
        "ﬁ",
        "한국어",
        "\ufeff",
        "===\n",
        "- i\n",
    ),
    *(
        "User: a\n",
        "Bot: b\n",
        "[12:03] Ann: ",
        "1,2\n",
        "key:\n",
        "- a: b\n",
        "[t]\n",
        "<a>",
        "</a>",
    ),
    *(
        "CREATE TABLE t (",
        "BEGIN",
        ");\n",
        "$$",
        "/*",
        "<!--",
        '"a": [',
        "],",
        "| x |\n",
        "a | b\n",
    ),
    *("x" * 90, "a.b.c. D", "{", '"', "'''", "é" * 70, "1234567890" * 9, " " * 99, "\n" * 40),
]


def _text(seed: int) -> str:
    chance = random.Random(seed)
    return "".join(chance.choices(SHARDS, k=chance.choice([3, 30, 300])))


def _line(text: str, offset: int) -> int:
    """Plainly: one more than the line ends before."""
    return text[:offset].replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1


def _assert_sound(found: list[Chunk], document: Document, data: bytes, limit: int) -> None:
    position = document.bom_bytes
    for chunk in found:
        encoded = data[chunk.start_byte : chunk.end_byte]
        assert encoded.decode(document.encoding) == chunk.text
        assert chunk.start_byte >= position
        assert not data[position : chunk.start_byte].decode(document.encoding).strip()
        assert chunk.text.strip()
        assert chunk.tokens == count(chunk.text) <= limit
        start = len(data[document.bom_bytes : chunk.start_byte].decode(document.encoding))
        assert chunk.start_line == _line(document.text, start)
        assert chunk.end_line == _line(document.text, start + len(chunk.text) - 1)
        position = chunk.end_byte
    assert not data[position:].decode(document.encoding).strip()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limit", [40, 256])
def test_chunks_are_the_document_whatever_is_in_it(kind: str, limit: int) -> None:
    for seed in range(30):
        made = document(_text(seed), "a.x", kind)
        found = chunks(made, "test", Limits(limit))
        _assert_sound(found, made, made.text.encode(), limit)
        assert len({chunk.id for chunk in found}) == len(found)


@pytest.mark.parametrize("kind", KINDS)
def test_chunks_are_the_same_every_time(kind: str) -> None:
    text = _text(7)
    assert chunked(text, "a.x", kind) == chunked(text, "a.x", kind)


@pytest.mark.parametrize("kind", KINDS)
def test_time_grows_with_length_only(kind: str) -> None:
    def spent_s(text: str) -> float:
        start = process_time()
        chunked(text, "a.x", kind)
        return process_time() - start

    text = "".join(random.Random(3).choices(SHARDS, k=2_000))
    # What else this process does, such as looking through its garbage, is in a single one.
    once = min(spent_s(text) for _ in range(3))
    assert min(spent_s(text * 8) for _ in range(3)) < 8 * 3 * once + 0.2


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_byte_ranges_index_the_file_in_its_own_encoding(
    tmp_path: Path, mark: bytes, encoding: str
) -> None:
    path = tmp_path / "a.md"
    for seed in range(20):
        data = mark + ("x" + _text(seed)).encode(encoding)
        path.write_bytes(data)
        made = read(Place(path.parent, path.name), "a.md", 1_000_000)
        _assert_sound(chunks(made, "test", Limits(64)), made, data, 64)


def test_legacy_text_is_cited_in_its_own_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Größe. Übermaß – naïve.\r\n\r\n".encode("cp1252") * 60)
    made = read(Place(path.parent, path.name), "a.txt", 1_000_000)
    assert made.encoding == "cp1252"
    _assert_sound(chunks(made, "test", Limits(64)), made, path.read_bytes(), 64)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", ["text", "markdown", "python", "json"])
@pytest.mark.parametrize(
    "text",
    [
        *(shard * 100_000 for shard in ("x", "日", "\n", "a ", "(", "x\n", "🙂", "e\u0301")),
        '{"a":1},' * 20_000,
        "\u0301" * 20_000,
        " " * 300_000 + "x",
        "\r" * 99_999 + "x",
    ],
    ids=range(12),
)
def test_one_enormous_line_is_cut(text: str, kind: str) -> None:
    found = chunked(text, "a.x", kind)
    assert all(chunk.tokens <= 256 for chunk in found)
    assert sum(len("".join(chunk.text.split())) for chunk in found) == len("".join(text.split()))


def test_a_blank_document_has_no_chunk() -> None:
    assert [chunked(text) for text in ("", "\n\n \t\r\n\x0c", "\u2028")] == [[], [], []]


def test_blank_lines_around_are_left_out_and_indentation_is_kept() -> None:
    (chunk,) = chunked("\n \n    first\n  second \n\n\n")
    assert chunk.text == "    first\n  second"
    assert (chunk.start_line, chunk.end_line) == (3, 4)


def test_a_sentence_is_cut_before_its_paragraph_is_full_of_others() -> None:
    paragraph = " ".join(f"Sentence {n} says a few words." for n in range(100))
    found = chunked(paragraph)
    assert all(chunk.text.startswith("Sentence") for chunk in found)
    assert all(chunk.text.endswith("words.") for chunk in found)


def test_paragraphs_are_kept_whole_where_they_fit() -> None:
    paragraph = f"{words(40)}. {words(40)}."
    found = chunked("\n\n".join([paragraph] * 10))
    assert {part for chunk in found for part in chunk.text.split("\n\n")} == {paragraph}
    assert len(found) < 6


def test_parts_of_a_long_text_are_of_about_the_same_length() -> None:
    found = chunked(f"{words(9)}. " * 30)  # 300 tokens
    assert [round(chunk.tokens / 300, 1) for chunk in found] == [0.5, 0.5]


def test_ids_are_uuids_of_collection_file_text_and_occurrence() -> None:
    text = "\n\n".join([words(200)] * 2)
    first, second = chunked(text)
    assert first.text == second.text
    assert first.id != second.id
    assert str(UUID(first.id)) == first.id
    assert [chunk.id for chunk in chunked(text)] == [first.id, second.id]
    made = document(text)
    assert chunks(made, "other", Limits())[0].id != first.id
    assert chunked(text, "other.txt")[0].id != first.id


def test_an_edit_elsewhere_leaves_ids_alone() -> None:
    sections = [f"## Part {n}\n\n{words(150 + n)}\n\n" for n in range(6)]
    before = {chunk.id for chunk in chunked("".join(sections), "a.md", "markdown")}
    sections[3] = f"## New\n\n{words(140)}\n\n"
    after = {chunk.id for chunk in chunked("".join(sections), "a.md", "markdown")}
    assert len(before & after) == 5


def test_a_chunk_stands_on_one_page(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf("First page.", "", "Third page.", title="Paper"))
    found = chunks(read(Place(path.parent, path.name), "a.pdf", 100_000), "test", Limits())
    assert [(chunk.page, chunk.text) for chunk in found] == [(1, "First page."), (3, "Third page.")]
    assert {chunk.context for chunk in found} == {"Paper"}


def test_only_paged_documents_have_pages() -> None:
    assert chunked("text")[0].page is None


def test_ranges_of_extracted_text_index_its_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(f"<h1>Größe</h1><p>{'Übermaß. ' * 200}".encode("latin-1"))
    made = read(Place(path.parent, path.name), "a.html", 100_000)
    _assert_sound(chunks(made, "test", Limits()), made, made.text.encode(), 256)


def test_records_of_data_files_are_cut_at_the_outermost_border() -> None:
    records = "".join(f'  {{\n    "id": {n},\n    "name": "some name"\n  }},\n' for n in range(60))
    found = chunked(f"[\n{records}]\n", "a.json", "json")
    assert all(chunk.text.startswith("  {\n") for chunk in found[1:])


def test_overlap_repeats_the_end_of_the_chunk_before() -> None:
    made = document("".join(f"Sentence {n} has words. " for n in range(200)))
    found = chunks(made, "test", Limits(128, 32))
    for one, two in pairwise(found):
        shared = made.text[two.start_byte : one.end_byte]
        assert 0 < count(shared) <= 32
        assert two.end_byte > one.end_byte
    assert all(chunk.tokens <= 128 for chunk in found)


def test_overlap_does_not_reach_into_another_section() -> None:
    text = f"# A\n\n{words(200)}\n\n# B\n\n{words(200)}\n"
    made = document(text, "a.md", "markdown")
    assert [c.text[:3] for c in chunks(made, "test", Limits(256, 64))] == ["# A", "# B"]


@pytest.mark.parametrize(("limit", "overlap"), [(15, 0), (0, 0), (256, 129), (256, -1)])
def test_limits_that_cannot_work_are_refused(limit: int, overlap: int) -> None:
    with pytest.raises(BadSetting):
        Limits(limit, overlap)


def test_a_chunk_knows_the_encoding_of_its_bytes() -> None:
    document = Document("a.txt", "text", "", "Über alles.", encoding="utf-16-le", bom_bytes=2)
    (chunk,) = chunks(document, "demo", Limits(60, 0))
    data = b"\xff\xfe" + document.text.encode("utf-16-le")
    assert data[chunk.start_byte : chunk.end_byte].decode(chunk.encoding) == chunk.text
