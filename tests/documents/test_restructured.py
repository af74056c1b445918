from tests.documents.documents import chunked, words
from trinax.documents.restructured import headings


def test_levels_follow_the_order_in_which_styles_appear() -> None:
    text = "=====\nTitle\n=====\n\nOne\n===\n\nTwo\n---\n\nThree\n=====\n"
    assert [(one.level, one.title) for one in headings(text)] == [
        (1, "Title"),
        (2, "One"),
        (3, "Two"),
        (2, "Three"),
    ]


def test_a_heading_starts_at_its_overline() -> None:
    assert headings("text\n\n###\nTop\n###\n")[0].start == 6


def test_rules_and_tables_are_no_headings() -> None:
    assert headings("text\n\n-----\n\nmore\n\n==== ====\na    b\n==== ====\n") == []


def test_context_is_the_path_of_headings() -> None:
    text = f"Top\n===\n\n{words(200)}\n\nSub\n---\n\n{words(200)}\n"
    found = chunked(text, "Top.rst", "rst")
    assert [chunk.context for chunk in found] == ["Top", "Top › Sub"]
