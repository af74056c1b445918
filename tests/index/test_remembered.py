from trinax.documents.records import Chunk
from trinax.index.records import Passage
from trinax.index.remembered import Remembered


def passage(id: str) -> Passage:
    return Passage("c", "a.md", 0, Chunk(id, id, "", 0, 1, 1, 1, None, 1), "text", "en", 1, 0.0)


def test_what_nobody_asked_for_goes_first() -> None:
    remembered = Remembered(limit=2)
    remembered.keep([passage("a"), passage("b")])
    assert [*remembered.known(["a", "x"])] == ["a"]
    remembered.keep([passage("c")])
    assert {*remembered.known("abc")} == {"a", "c"}


def test_what_was_written_is_read_again() -> None:
    remembered = Remembered()
    remembered.keep([passage("a"), passage("b")])
    remembered.forget(["a", "x"])
    assert [*remembered.known("ab")] == ["b"]
    remembered.clear()
    assert remembered.known("ab") == {}
