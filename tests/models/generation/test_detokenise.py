import pytest

from trinax.models.generation.detokenise import Text


def shown(text: Text, *parts: bytes) -> list[str]:
    return [*(text.feed(part) for part in parts), text.finish()]


def test_characters_wait_for_their_last_byte() -> None:
    assert shown(Text(), b"a\xc3", b"\xa9b") == ["a", "éb", ""]


def test_bytes_that_are_no_character_are_replaced() -> None:
    assert shown(Text(), b"a\xffb") == ["a\ufffdb", ""]


def test_an_unfinished_character_is_replaced_at_the_end() -> None:
    assert shown(Text(), b"\xf0\x9f") == ["", "\ufffd"]


def test_a_stop_string_in_one_piece_ends_the_text() -> None:
    text = Text(["END"])
    assert shown(text, b"one END two") == ["one ", ""]
    assert text.stopped


def test_a_stop_string_in_many_pieces_is_never_shown() -> None:
    assert shown(Text(["</s>"]), b"hi<", b"/", b"s", b"> there") == ["hi", "", "", "", ""]


def test_what_looked_like_a_stop_string_is_shown_later() -> None:
    assert shown(Text(["</s>"]), b"a<", b"/", b"b") == ["a", "", "</b", ""]


def test_what_was_held_back_is_shown_at_the_end() -> None:
    text = Text(["stop"])
    assert shown(text, b"non", b"st") == ["non", "", "st"]
    assert not text.stopped


def test_the_earliest_of_several_stop_strings_counts() -> None:
    assert shown(Text(["c", "b"]), b"abc") == ["a", ""]


def test_nothing_follows_a_stop_string() -> None:
    assert shown(Text(["."]), b"a.", b"b") == ["a", "", ""]


def test_a_stop_string_in_a_split_character_is_found() -> None:
    assert shown(Text(["é"]), b"a\xc3", b"\xa9b") == ["a", "", ""]


def test_an_empty_stop_string_stops_nothing() -> None:
    assert shown(Text([""]), b"ab") == ["ab", ""]


@pytest.mark.parametrize(("first", "rest"), [(b" a", "a"), (b"a", "a"), (b"  a", " a")])
def test_a_lead_is_dropped_once(first: bytes, rest: str) -> None:
    assert shown(Text(lead=" "), first, b" b") == [rest, " b", ""]
