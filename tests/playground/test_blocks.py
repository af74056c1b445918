import time
from typing import Any

import pytest

from tests.playground.scripts import called, needs_node

pytestmark = needs_node

# What an author of a document could write to stop the page. Linear is some milliseconds.
HOSTILE = {
    "items": "- a\n" * 20_000,
    "items apart": "- a\n\n" * 10_000,
    "rows without a table": "a | b\n" * 20_000,
    "rows without a head": "| a |\n" * 20_000,
    "bars": "|" * 20_000 + "x",
    "quotes in quotes": ">" * 20_000,
    "items in items": "".join(f"{'  ' * depth}- a\n" for depth in range(2000)),
    "a fence without an end": "```\n" + "a\n" * 20_000,
}
HOSTILE_LIMIT_S = 5.0


def blocks(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = called("blocks", "blocks", text)
    return found


def kinds(text: str) -> list[str]:
    return [each["type"] for each in blocks(text)]


def test_blocks_follow_each_other_without_blank_lines() -> None:
    text = "# Title\ntext\n- item\n> said\n---\n```\ncode\n```\nend"
    assert kinds(text) == [
        *("heading", "paragraph", "list", "quote", "rule", "code", "paragraph"),
    ]


def test_the_sources_of_blocks_are_the_text() -> None:
    text = "one\ntwo\n\n- a\n\n- b\n\nthree"
    assert [each["source"].strip() for each in blocks(text)] == ["one\ntwo", "- a\n\n- b", "three"]


def test_an_item_holds_what_is_indented() -> None:
    (found,) = blocks("- a\n  goes on\n  - below\n- b")
    assert found["items"] == ["a\ngoes on\n- below", "b"]


def test_a_number_begins_a_list_where_it_says() -> None:
    (found,) = blocks("3. three\n4. four")
    assert (found["start"], found["items"]) == (3, ["three", "four"])


def test_code_is_left_as_it_is() -> None:
    (found,) = blocks("```python title=x\n# no heading\n- no item\n```")
    assert (found["language"], found["text"]) == ("python", "# no heading\n- no item")


def test_code_that_has_no_end_yet_is_code() -> None:
    (found,) = blocks("~~~\nfirst\n\nsecond")
    assert (found["type"], found["text"]) == ("code", "first\n\nsecond")


def test_a_table_has_a_line_below_its_head() -> None:
    (found,) = blocks("| a | b |\n|:--|--:|\n| 1 \\| 2 | 3 |")
    assert found["align"] == ["left", "right"]
    assert (found["header"], found["rows"]) == (["a", "b"], [["1 | 2", "3"]])
    assert kinds("a | b\n1 | 2") == ["paragraph"]


def test_rows_between_bars_are_a_table_without_a_head() -> None:
    found, after = blocks("| a: | b |\n| 1 | 2 |\ntext")
    assert (found["header"], found["align"]) == (None, ["left", "left"])
    assert (found["rows"], after["text"]) == ([["a:", "b"], ["1", "2"]], "text")
    assert kinds("|x|") == ["paragraph"]
    assert kinds("| x") == ["paragraph"]


def test_a_dash_within_a_line_begins_nothing() -> None:
    assert kinds("one - two\n1984 was a year. 2. is no item") == ["paragraph"]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_takes_long(name: str) -> None:
    began_s = time.monotonic()
    blocks(HOSTILE[name])
    assert time.monotonic() - began_s < HOSTILE_LIMIT_S
