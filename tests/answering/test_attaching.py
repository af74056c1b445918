from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from trinax.answering.attaching import Attached, Attaching
from trinax.answering.records import Allowance, Attachment
from trinax.documents.chunking import Limits, chunks
from trinax.documents.reading import document
from trinax.documents.records import Cut
from trinax.embedding.static import StaticEmbedder
from trinax.errors import AttachmentRefused, InputTooLong, InvalidRequest
from trinax.retrieval.records import Found, Query
from trinax.settings import Attachments, Settings

EMBEDDER = StaticEmbedder()


class Reader:
    """Reads here; files: names of all that it was asked for, and their bytes."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    async def __call__(
        self, collection: str, files: Mapping[str, bytes], limits: Limits
    ) -> Sequence[Cut | str]:
        self.files.update(files)
        read = [document(data, f"{name}.txt") for name, data in files.items()]
        return [Cut(each, tuple(chunks(each, collection, limits))) for each in read]


def sent(name: str = "a.txt", text: str | None = None, data: str = "") -> Attachment:
    return Attachment(name, f"at {name}", text, data)


async def taken(*attachments: Attachment, limit: int | None = None, **limits: Any) -> Attached:
    settings = Settings(attachments=Attachments(**limits))
    attaching = Attaching(Reader(), EMBEDDER, settings)
    return await attaching.taken(attachments, Allowance(limit, used=10))


async def named(*attachments: Attachment) -> dict[str, bytes]:
    reader = Reader()
    await Attaching(reader, EMBEDDER, Settings()).taken(attachments, Allowance())
    return reader.files


def encoded(text: str, about: str = "") -> str:
    return about + b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("attachment", "name"),
    [
        (sent("notes.md", "a"), "notes.md"),
        (sent("/etc/passwd", "a"), "passwd"),
        (sent("..", "a"), ".."),
        (sent("a\\b\nc.md", "a"), "bc.md"),
        (sent("", "a"), "attachment 1"),
        (sent("x" * 500 + ".md", "a"), "x" * 197 + ".md"),
        (sent("paper.pdf", "a"), "paper.pdf.txt"),
        (sent("page.html", "a"), "page.html"),
        (sent("", data=encoded("a", "data:application/pdf;base64,")), "attachment 1.pdf"),
        (sent("b", data=encoded("a", "data:text/csv;charset=utf-8;base64,")), "b.csv"),
        (sent("b.md", data=encoded("a", "data:application/pdf;base64,")), "b.md"),
        (sent("b", data=encoded("a")), "b"),
    ],
)
async def test_a_name_is_a_label(attachment: Attachment, name: str) -> None:
    assert await named(attachment) == {name: b"a"}


async def test_equal_names_are_told_apart() -> None:
    files = await named(*(sent(f"{folder}/a.md", folder) for folder in "xyz"))
    assert files == {"a.md": b"x", "a (2).md": b"y", "a (3).md": b"z"}


async def test_base64_may_stand_in_lines() -> None:
    lines = "\r\n".join(encoded("so on and so on " * 9)[start:][:76] for start in range(0, 192, 76))
    assert await named(sent(data=lines)) == {"a.txt": b"so on and so on " * 9}


@pytest.mark.parametrize("data", ["%", "YQ", "data:text/plain,hello", "Größe"])
async def test_what_is_no_base64_is_refused(data: str) -> None:
    with pytest.raises(AttachmentRefused) as refused:
        await taken(sent(text="a"), sent("b.txt", data=data))
    assert str(refused.value) == "Attachment 'b.txt' was not taken: its data is no base64."
    assert refused.value.param == "at b.txt"


async def test_too_many_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="at most 1 attachments; this one has 2") as refused:
        await taken(sent(text="a"), sent("b.txt", "b"), files=1)
    assert refused.value.param == "at b.txt"


async def test_bytes_count_together_and_unpacked() -> None:
    await taken(sent(data=encoded("a" * 50)), sent("b.txt", "ü" * 25), limit_bytes=100)
    with pytest.raises(AttachmentRefused, match="over 99 bytes"):
        await taken(sent(data=encoded("a" * 50)), sent("b.txt", "ü" * 25), limit_bytes=99)


async def test_characters_count_together() -> None:
    with pytest.raises(AttachmentRefused, match="longer than 99 characters"):
        await taken(sent(text="a" * 50), sent("b.txt", "b" * 50), limit_characters=99)


async def test_a_plan_counts_them_beside_the_rest() -> None:
    await taken(sent(text="a" * 50), limit=60)
    with pytest.raises(InputTooLong, match="holds 60 characters"):
        await taken(sent(text="a" * 50), limit=59)


async def test_a_search_ranks_them_beside_the_rest() -> None:
    attaching = Attaching(Reader(), EMBEDDER, Settings())
    text = "The engine of the boat was made by Sabb."
    attached = await attaching.taken([sent(text=text)], Allowance())
    query = Query("Who made the engine of the boat?")
    (alone,) = attaching.found(query, attached).ranked

    async def elsewhere(query: Query) -> Found:
        return Found((), 0.0, timing_ms={"question": 1000.0})

    both = await attaching.search(attached, elsewhere, query)
    assert [each.passage for each in both.ranked] == [alone.passage]
    assert both.timing_ms["question"] >= 1000
