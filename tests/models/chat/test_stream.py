from collections.abc import Sequence

import pytest

from trinax.models.chat.stream import SPACE, Stream, Wait


def until(marks: Sequence[str], *pieces: str) -> tuple[list[str], str]:
    """What is passed on before a mark, as it comes, and the mark."""
    stream, passed, found = Stream(), list[str](), list[str]()

    def reading() -> Wait[None]:
        found.append((yield from stream.until(marks, passed.append)))

    run = reading()
    for piece in pieces:
        stream.feed(piece)
        next(run, None)
    stream.end()
    next(run, None)
    return [text for text in passed if text], found[0]


def skipped(text: str, *wanted: str) -> tuple[bool, str]:
    """Whether the texts were there, and what is left."""
    stream, left, found = Stream(), list[str](), list[bool]()

    def reading() -> Wait[None]:
        found.append((yield from stream.skip(*wanted)))
        yield from stream.until((), left.append)

    run = reading()
    for letter in text:
        stream.feed(letter)
        next(run, None)
    stream.end()
    next(run, None)
    return found[0], "".join(left)


def test_text_is_passed_on_as_it_comes() -> None:
    assert until(["<a>"], "on", "e ", "two") == (["on", "e ", "two"], "")


def test_what_may_begin_a_mark_is_held_back() -> None:
    assert until(["<a>"], "one<", "b", "<", "a>") == (["one", "<b"], "<a>")


def test_what_only_began_a_mark_is_passed_on_at_the_end() -> None:
    assert until(["<a>"], "one<a") == (["one", "<a"], "")


def test_the_first_of_several_marks_is_found() -> None:
    assert until(["<a>", "</b>"], "x</", "b><a>") == (["x"], "</b>")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("ab c", (True, " c")), (" a\nb", (True, "")), ("ax", (False, "x")), ("", (False, ""))],
)
def test_texts_are_stepped_over_with_white_space_before_them(
    text: str, outcome: tuple[bool, str]
) -> None:
    assert skipped(text, "a", "b") == outcome


def test_what_was_read_can_be_had_back() -> None:
    stream = Stream()

    def reading() -> Wait[str]:
        yield from stream.take(2)
        stream.keep("<")
        yield from stream.whole(SPACE)
        yield from stream.take(3)
        return stream.kept()

    stream.feed("ab  cdef")
    with pytest.raises(StopIteration) as stopped:
        next(reading())
    assert stopped.value.value == "<  cde"
