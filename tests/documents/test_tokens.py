import pytest
import tiktoken

from trinax.documents.tokens import count, encoding, normalised, span_counts


def test_case_and_width_do_not_matter() -> None:
    assert normalised("ＡＢＣ Straße ﬁn") == "abc straße fin"
    assert count("HELLO World") == count("hello world")


def test_every_byte_has_a_token_so_any_text_decodes_back() -> None:
    for text in ("naïve 日本語 🙂 \x00\x7f", "x" * 1000, "\r\n\t\x85\u2028"):
        assert encoding().decode(encoding().encode_ordinary(normalised(text))) == normalised(text)


def test_encoding_is_built_once_and_holds_no_special_token() -> None:
    assert encoding() is encoding()
    assert isinstance(encoding(), tiktoken.Encoding)
    assert encoding().special_tokens_set == set()


def test_frequent_words_are_one_token() -> None:
    assert [count(word) for word in (" the", " and", " return")] == [1, 1, 1]


def test_empty_text_has_no_token() -> None:
    assert count("") == 0


@pytest.mark.parametrize("text", [" " * 1_000_000, "a" + "\t" * 600_000 + "b"])
def test_a_million_blanks_are_counted(text: str) -> None:
    assert count(text) > 0


def test_spans_in_whole_lines_are_counted_exactly() -> None:
    lines = ["def f():\n", "    return 1  # one\n\n\n", "x = {'a': [1, 2]}\n", "\tend"]
    offsets = [0, *(sum(map(len, lines[: n + 1])) for n in range(4))]
    assert span_counts("".join(lines), offsets) == [count(line) for line in lines]


def test_spans_of_other_scripts_are_counted_each_for_itself() -> None:
    lines = ["Größe\n", "日本語です。\n", "ﬁn"]
    assert span_counts("".join(lines), [0, 6, 13, 15]) == [count(line) for line in lines]


def test_spans_add_up_to_the_whole() -> None:
    text = "some words that are cut anywhere at all"
    assert sum(span_counts(text, [0, 3, 7, 8, 20, len(text)])) == count(text)
