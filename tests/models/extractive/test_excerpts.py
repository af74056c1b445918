from tests.models.passages import passage
from trinax.models.extractive.excerpts import SENTENCE_CHARACTERS, definition, excerpts, fenced

FUNCTION = '''\
@cached
def area(width, height):
    """The area of a rectangle."""
    return width * height
'''


def cut(text: str, kind: str = "markdown") -> list[tuple[str, str]]:
    return [(one.shape, one.text) for one in excerpts(passage(text, kind), 1)]


def test_prose_is_cut_into_sentences() -> None:
    assert cut("The first. The second has 3.5 parts! A third?") == [
        ("sentence", "The first."),
        ("sentence", "The second has 3.5 parts!"),
        ("sentence", "A third?"),
    ]


def test_abbreviations_end_no_sentence() -> None:
    assert cut("Dr. Who met J. Smith in St. Louis.") == [
        ("sentence", "Dr. Who met J. Smith in St. Louis.")
    ]


def test_chinese_sentences_need_no_blanks() -> None:
    assert cut("第一句话。第二句话！") == [("sentence", "第一句话。"), ("sentence", "第二句话！")]


def test_wrapped_lines_are_joined() -> None:
    assert cut("This sentence was wrapped by its author at\nforty columns.\r\n") == [
        ("sentence", "This sentence was wrapped by its author at forty columns.")
    ]


def test_short_lines_of_a_menu_stay_apart() -> None:
    assert cut("Home page\nContact us") == [("sentence", "Home page"), ("sentence", "Contact us")]


def test_list_items_are_whole() -> None:
    assert cut("- One. Two.\n  still one\n- three\n2. four") == [
        ("item", "- One. Two. still one"),
        ("item", "- three"),
        ("item", "2. four"),
    ]


def test_tables_are_whole() -> None:
    assert cut("Before.\n| a | b |\n|---|---|\n| 1 | 2 |\n\nAfter.") == [
        ("sentence", "Before."),
        ("table", "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("sentence", "After."),
    ]


def test_code_blocks_are_whole_and_fenced_anew() -> None:
    assert cut("Run:\n~~~sh\nmake run. Now\n~~~\nDone.") == [
        ("sentence", "Run:"),
        ("fence", "```sh\nmake run. Now\n```"),
        ("sentence", "Done."),
    ]


def test_a_code_block_that_the_chunk_cuts_off_is_closed() -> None:
    assert cut("```\nmake run") == [("fence", "```\nmake run\n```")]


def test_headings_are_context_and_not_quoted() -> None:
    [one] = excerpts(passage("# Start\n\n## Install it\n\nUse pip here.", "markdown"), 3)
    assert (one.n, one.heading, one.text) == (3, "Install it", "Use pip here.")


def test_rules_and_scraps_are_left_out() -> None:
    assert cut("---\n\n*\n\n<br>\n\nWords here.") == [("sentence", "Words here.")]


def test_what_has_no_end_is_cut_between_words() -> None:
    parts = [text for _, text in cut("word " * 1000)]
    assert " ".join(parts) == ("word " * 1000).strip()
    assert max(map(len, parts)) <= SENTENCE_CHARACTERS


def test_a_passage_of_code_is_one_excerpt() -> None:
    assert cut(FUNCTION, "python") == [("code", FUNCTION.strip())]


def test_a_definition_is_shown_from_its_first_line() -> None:
    assert definition(f"import x\n\n{FUNCTION}", 5, "python") == (
        f"```python\n{FUNCTION.strip()}\n```"
    )


def test_a_long_definition_is_shown_with_the_line_that_matters() -> None:
    code = "\n".join(["def long():", *(f"    step({i})" for i in range(60))])
    shown = definition(code, 50, "python").split("\n")
    assert shown[1] == "def long():"
    assert "    step(49)" in shown
    assert "…" in shown
    assert len(shown) < 20


def test_code_of_no_known_language_is_shown_from_its_first_line() -> None:
    assert definition("a\nb", 1, "text") == "```text\na\nb\n```"


def test_a_fence_is_longer_than_those_inside() -> None:
    assert fenced("```\nx\n```", "md") == "````md\n```\nx\n```\n````"
