import time
from collections.abc import Mapping

import anyio

from tests.documents.readers.packages import paragraph, word
from tests.documents.readers.pdfs import ENCRYPTED, pdf
from trinax.documents import chunking
from trinax.documents.reading import document
from trinax.documents.records import Cut
from trinax.ingest import loose
from trinax.ingest.loose import Loose

LIMITS = chunking.Limits(256, 0)
FILES = {
    "paper.pdf": pdf("One.", "Two."),
    "a.docx": word(paragraph("Three.")),
    "b.py": b"def four():\n    return 4\n",
    "c.md": b"# Five\n",
}


async def read(files: Mapping[str, bytes], limit_s: float = 60.0) -> list[Cut | str]:
    return await Loose(limit_s).read("attachment", files, LIMITS)


async def test_files_are_read_as_those_of_collections() -> None:
    expected = []
    for file, data in FILES.items():
        found = document(data, file)
        expected.append(Cut(found, tuple(chunking.chunks(found, "attachment", LIMITS))))
    assert await read(FILES) == expected


async def test_small_texts_wait_for_no_process() -> None:
    (cut,) = await read({"c.md": FILES["c.md"]}, limit_s=0.0)
    assert isinstance(cut, Cut)
    assert cut.chunks[0].text == "# Five"


async def test_the_reason_of_a_refusal_arrives() -> None:
    first, second = await read({"x.pdf": pdf("x", trailer=ENCRYPTED), "c.md": b"# Five\n"})
    assert first == "a PDF that needs a password"
    assert isinstance(second, Cut)


async def test_what_takes_too_long_is_given_up() -> None:
    assert await read(FILES, limit_s=0.01) == [loose.LATE]


async def test_who_goes_away_is_not_read_for() -> None:
    begun_s = time.monotonic()
    with anyio.move_on_after(0.01) as scope:
        await read({"big.md": b"All work and no play. " * 400_000}, limit_s=600.0)
    assert scope.cancelled_caught
    assert time.monotonic() - begun_s < 5
