import pytest

from trinax.documents.positions import byte_offsets, line_starts, line_starts_with, number


def test_lines_end_with_feeds_returns_and_pairs_only() -> None:
    assert line_starts("a\nb\r\nc\rd\x0be\x0cf\x85g\u2028h\x1ci") == [0, 2, 5, 7]


def test_a_final_line_end_starts_an_empty_line() -> None:
    assert line_starts("a\n") == [0, 2]
    assert line_starts("a\r") == [0, 2]
    assert line_starts("") == [0]


def test_every_character_has_its_line() -> None:
    assert [number([0, 2, 5], offset) for offset in range(7)] == [1, 1, 2, 2, 2, 3, 3]


def test_bytes_before_a_character_depend_on_the_encoding() -> None:
    text = "aé日🙂b"
    assert byte_offsets(text, "utf-8", [5, 0, 1, 2, 3, 4]) == {0: 0, 1: 1, 2: 3, 3: 6, 4: 10, 5: 11}
    assert byte_offsets(text, "utf-16-le", [2, 4, 5]) == {2: 4, 4: 10, 5: 12}
    assert byte_offsets("plain", "utf-32-be", [3]) == {3: 12}
    assert byte_offsets("café!", "latin-1", [5]) == {5: 5}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_pattern_is_found_where_lines_start(end: str) -> None:
    text = end.join(("# one", "no # two", "", "# three", "# four"))
    found = [(match.start(), match[1]) for match in line_starts_with(r"# (\w+)")(text)]
    assert found == [(0, "one"), (text.index("# three"), "three"), (text.index("# four"), "four")]
