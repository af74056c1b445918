from typing import Any

from tests.playground.scripts import called, needs_node

pytestmark = needs_node

SOURCE = {
    "n": 1,
    "file": "docs/guide.md",
    "collection_id": "demo",
    "start_line": 3,
    "end_line": 5,
    "page": None,
    "url": None,
}
WEB = {**SOURCE, "n": 2, "url": "https://example.com/page"}
UNCITED = {**SOURCE, "n": 3, "file": "other.md"}


def report(answer: str) -> dict[str, Any]:
    return {"answer": answer, "sources": [SOURCE, WEB, UNCITED], "sub_questions": ["Why?", "How?"]}


def test_citations_become_footnotes_of_those_that_are_cited() -> None:
    text = called("report", "markdownOf", "A question", report("First [1], second [2], none [9]."))
    assert text == (
        "# A question\n\nFirst [^1], second [^2], none [9].\n\n"
        "## Questions that were searched for\n\n- Why?\n- How?\n\n"
        "[^1]: demo/docs/guide.md:3-5\n[^2]: https://example.com/page\n"
    )


def test_a_file_is_named_after_the_question() -> None:
    assert called("report", "fileName", "Wie heißt der /../ Leuchtturm?") == (
        "wie-heißt-der-leuchtturm.md"
    )
    assert called("report", "fileName", "???") == "report.md"
