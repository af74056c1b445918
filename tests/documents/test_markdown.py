import pytest

from tests.documents.documents import chunked, words
from trinax.documents import markdown
from trinax.documents.packing import Block


def _paths(block: Block) -> list[tuple[str, ...]]:
    own = [] if block.parts else [block.path]
    return own + [path for part in block.parts for path in _paths(part)]


def test_sections_nest_by_their_headings() -> None:
    text = "intro\n# A\na\n## B\nb\n### C\nc\n## D\nd\n# E\n"
    (root,) = markdown.outline(text).blocks
    assert _paths(root) == [
        (),
        ("A",),
        ("A", "B"),
        ("A", "B", "C"),
        ("A", "D"),
        ("E",),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Plain", "Plain"),
        ("#\tTab ##", "Tab"),
        ("# C# ", "C#"),
        ("# `code` and [link](http://x.y) **bold**", "code and link bold"),
        ("Under\n---\n", "Under"),
        ("#hashtag\n", ""),
        ("####### seven\n", ""),
        ("    # code\n", ""),
        ("---\ntitle: x\n# comment\n---\n# Real\n", "Real"),
        ("~~~~\n# no\n~~~\n# no\n~~~~\n# Yes\n", "Yes"),
        ("```\n# never closed\n", ""),
        ("two\nlines\n---\n", ""),
        ("## Deep\n# Top\n", "Top"),
        ("#\r\n# Windows\r\n", ""),
        ("= Wiki =\n== Part ==\n", "Wiki"),
        (" = = Spaced = = \n", "Spaced"),
        ("a = b = c\n== open\n= a == b ==\n", ""),
    ],
)
def test_headings_are_what_markdown_says(text: str, expected: str) -> None:
    assert markdown.title(text) == expected


def test_context_is_the_title_and_the_headings_above() -> None:
    text = f"# Guide\n\n{words(150)}\n\n## Install\n\n{words(150)}\n\n### Linux\n\n{words(150)}\n"
    found = chunked(text, "Guide.md", "markdown")
    assert [chunk.context for chunk in found] == [
        "Guide",
        "Guide › Install",
        "Guide › Install › Linux",
    ]
    assert [chunk.text.splitlines()[0] for chunk in found] == ["# Guide", "## Install", "### Linux"]


def test_tiny_sections_share_a_chunk_under_their_common_heading() -> None:
    sections = "".join(f"## Section {n}\n\nA few words.\n\n" for n in range(60))
    found = chunked(f"# Notes\n\n{words(30)}\n\n{sections}", "n.md", "markdown")
    assert all(chunk.tokens > 60 for chunk in found)
    assert {chunk.context for chunk in found} == {"n › Notes"}


def test_a_fence_that_fits_is_not_split() -> None:
    fence = "```python\n" + "x = 1\n\n# not a heading\n" * 15 + "```"
    found = chunked(f"# T\n\n{words(120)}\n\n{fence}\n\n{words(150)}\n", "t.md", "markdown")
    assert [fence in chunk.text for chunk in found].count(True) == 1


def test_a_fence_that_does_not_fit_takes_its_heading_along() -> None:
    fence = "```\n" + "x = 1\n" * 200 + "```"
    first = chunked(f"# T\n\n{words(250)}\n\n## Sub\n\n{fence}\n", "t.md", "markdown")[1]
    assert first.text.startswith("## Sub\n\n```\nx = 1")


def test_a_table_that_fits_is_not_split() -> None:
    table = "| a | b |\n|---|---|\n" + "| one | two |\n" * 20
    found = chunked(f"{words(150)}\n\n{table}\n{words(150)}\n", "t.md", "markdown")
    assert [table.strip() in chunk.text for chunk in found].count(True) == 1


def test_a_heading_does_not_stand_alone() -> None:
    text = f"# T\n\n{words(100)}\n\n## Lonely\n\n### Big\n\n{'So it is. ' * 62}\n"
    assert all(chunk.tokens > 20 for chunk in chunked(text, "t.md", "markdown"))


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "text",
    [
        "# " + " " * 200_000 + "x",
        *(
            shard * 100_000
            for shard in (
                "= ",
                "= a\n",
                "=\n",
                "|\n",
                "[",
                "---\n",
                "# a\n",
                "#",
                "> ",
                "[](",
                "<a",
            )
        ),
        "```\n" * 50_001,
        "- " * 100_000 + "```",
    ],
    ids=range(14),
)
def test_hostile_markdown_takes_no_time(text: str) -> None:
    markdown.outline(text)
