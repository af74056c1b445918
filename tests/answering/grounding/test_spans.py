import random
from pathlib import Path

import pytest

from trinax.answering.grounding.carrying import Carriers
from trinax.answering.grounding.support import grounding
from trinax.answering.records import Source, Span
from trinax.documents.chunking import Limits, chunks
from trinax.documents.opening import Place
from trinax.documents.reading import read
from trinax.index.records import Passage

PROSE = [
    "The keeper of the lighthouse is called Marta Lindqvist.",
    "Naïve café owners paid £40 for Zoë’s “foghorn”.",
    "She repairs the foghorn every spring, in March.",
    "Nothing of note happened on this day in the harbour town.",
    "It is lit at dusk; the lamp burns paraffin.",
    "Der Leuchtturmwärter heißt Jürgen Müßig.",
]
WIDE = ["雾号由玛尔塔每年春天修理。", "港口今天没有什么事情发生。", "灯塔的灯在黄昏时点亮。"]


def sources(path: Path) -> list[Source]:
    document = read(Place(path.parent, path.name), path.name, 1_000_000)
    found = chunks(document, "demo", Limits(60, 0))
    return [
        Source(n, Passage("demo", path.name, n, chunk, document.kind, "", 0, 0.0), 0.5)
        for n, chunk in enumerate(found, 1)
    ]


def spans(answer: str, found: list[Source]) -> list[Span]:
    judged = grounding(answer, Carriers(found))
    return [span for support in judged.support for span in support.spans]


def check(data: bytes, encoding: str, span: Span) -> None:
    assert data[span.start_byte : span.end_byte].decode(encoding) == span.quote
    bom = len(data.decode(encoding)) - len(data.decode(encoding).lstrip("\ufeff"))
    text = data.decode(encoding)[bom:].replace("\r\n", "\n").replace("\r", "\n")
    lines = "\n".join(text.split("\n")[span.start_line - 1 : span.end_line])
    assert span.quote.replace("\r\n", "\n").replace("\r", "\n") in lines


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "cp1252", "gb18030"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_spans_reproduce_the_bytes_of_the_file(tmp_path: Path, encoding: str, end: str) -> None:
    rng = random.Random(f"{encoding}{end}")
    known = WIDE * 4 if encoding == "gb18030" else PROSE if encoding == "cp1252" else PROSE + WIDE
    marked = {"utf-16-le": "\ufeff", "utf-16-be": "\ufeff"}.get(encoding, "")
    for round in range(4):
        text = "".join(rng.choice(known) + rng.choice([" ", end, end * 2]) for _ in range(30))
        data = (marked + text).encode(encoding)
        path = tmp_path / f"{round}.txt"
        path.write_bytes(data)
        found = sources(path)
        answer = " ".join(f"“{one}” [1]\n\n{one}\n\n" for one in known)
        given = spans(answer, found)
        assert len(given) >= len(set(known)) // 2
        for span in given:
            check(data, encoding.removesuffix("-sig"), span)


def test_a_quotation_is_found_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# Lamp\n\nIt burns\nparaffin.  It is lit at dusk. And so on it goes.\n")
    (span,) = spans("“It burns paraffin. It is lit at dusk.” [1]", sources(path))
    assert span.quote == "It burns\nparaffin.  It is lit at dusk."
    assert (span.start_line, span.end_line) == (3, 4)


def test_a_sentence_in_other_words_gets_the_sentences_that_carry_it(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(f"{PROSE[3]} {PROSE[0]} {PROSE[2]} {PROSE[3]}\n")
    (span,) = spans(
        "Marta Lindqvist, keeper of the lighthouse, repairs foghorns [1].", sources(path)
    )
    assert span.quote == f"{PROSE[0]} {PROSE[2]}"


def test_lines_of_code_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("import os\n\n\ndef duration(text):\n    return sum(parts)\n")
    (span,) = spans("```py\ndef duration(text):\n    return sum(parts)\n```\n[1]", sources(path))
    assert (span.start_line, span.end_line) == (4, 5)


def test_marks_around_what_is_repeated_belong_to_it(tmp_path: Path) -> None:
    path = tmp_path / "settings.md"
    path.write_text("Like this:\n\n```toml\n[server]\nport = 8080\n```\n")
    (span,) = spans("```toml\n[server]\nport = 8080\n```\n[1]", sources(path))
    assert span.quote == "[server]\nport = 8080"
