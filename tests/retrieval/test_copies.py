from dataclasses import replace

import pytest

from trinax.documents.records import Chunk
from trinax.index import analysis
from trinax.index.records import Passage
from trinax.retrieval.copies import Originals

MANUAL = (
    "The keeper winds the clockwork every evening before the lamp is lit. He fills the tank with "
    "oil, cleans the glass with a soft cloth and writes the hour into the log. If the light goes "
    "out in the night, the assistant rings the bell and rows to the village for help. The log is "
    "sent to the harbour office at the end of each month."
)
CODE = "def wind(clock):\n    clock.turn(steps)\n    return clock"


def passage(text: str, file: str = "a.md", context: str = "", language: str = "en") -> Passage:
    chunk = Chunk(file + text, text, context, 0, len(text.encode()), 1, 1, None, len(text.split()))
    return Passage("c", file, 0, chunk, "markdown", language, len(text), 0.0)


def is_copy(second: str, first: str = MANUAL, language: str = "en", question: str = "") -> bool:
    asked = frozenset(analysis.query_terms(question).ids)
    originals = Originals(asked)
    better = passage(first, "better.md", language=language)
    one, two = originals.originals([better, passage(second, language=language)])
    assert one is None
    return two is better


@pytest.mark.parametrize(
    "text",
    [
        MANUAL.replace(" ", "  ").upper(),
        MANUAL.replace(",", ";").replace(". ", "…\n\n"),
        MANUAL.replace("writes the hour", "notes the hour"),
        "\n".join(f"> {line}" for line in MANUAL.replace(". ", ".\n").splitlines()),
        MANUAL[MANUAL.index("He fills") : MANUAL.index("The log is")],
    ],
    ids=["white space and case", "punctuation", "a word", "quoted mail", "a part"],
)
def test_what_says_nothing_new_is_a_copy(text: str) -> None:
    assert is_copy(text)


@pytest.mark.parametrize(
    "text",
    [
        MANUAL.replace("is lit", "is not lit"),
        MANUAL.replace("every evening", "every 2 evenings"),
        MANUAL.replace("the village", "Lornay"),
        MANUAL.replace("the log.", "the log_book."),
        MANUAL.replace("soft", "wet").replace("village", "town").replace("month", "year"),
        MANUAL + " The keeper is paid by the harbour office for every night of service.",
        " ".join(reversed(MANUAL.split())),
    ],
    ids=["denial", "figure", "name", "identifier", "several words", "a sentence more", "order"],
)
def test_what_may_say_something_else_is_none(text: str) -> None:
    assert not is_copy(text)
    assert not is_copy(MANUAL, text) or text.startswith(MANUAL)


def test_a_denial_that_only_the_better_one_has_is_seen() -> None:
    assert not is_copy(MANUAL, MANUAL.replace("The keeper winds", "The keeper never winds"))


def test_short_texts_must_be_the_same() -> None:
    assert is_copy("The bell is rung.", "The  bell is rung")
    assert not is_copy("The bell is rung.", "The bell is rung by the assistant.")


def test_rows_of_a_table_stay_apart() -> None:
    row = "| pump | {} | open the valve, wait until the gauge is still, then close it again |"
    assert not is_copy(row.format("A"), row.format("B"))
    assert not is_copy(row.format("12"), row.format("13"))


def test_columns_of_few_values_stay_apart() -> None:
    values = [f"{number:07b}" for number in range(64)]
    assert not is_copy(" ".join("".join(values[:40])), " ".join("".join(values[20:])))


def test_a_word_of_the_question_makes_a_difference() -> None:
    other = MANUAL.replace("a soft cloth", "a soft rag")
    assert is_copy(other)
    assert not is_copy(other, question="Which rag is the glass cleaned with?")


def test_so_does_one_that_stands_in_the_headings_or_in_the_name() -> None:
    asked = frozenset(analysis.query_terms("winding at Skelm").ids)
    for other in (passage(MANUAL, context="Skelm"), passage(MANUAL, "skelm.md")):
        originals = Originals(asked)
        _, found = originals.originals([passage(MANUAL, "lornay.md", "Lornay"), other])
        assert found is None


def test_code_must_be_the_same() -> None:
    assert is_copy(CODE.replace("\n", "\r\n"), CODE, language="")
    for other in (CODE.replace("steps", "turns"), CODE.replace("return clock", "return !clock")):
        assert not is_copy(other, CODE, language="")


def test_years_and_holders_of_a_licence_do_not_count() -> None:
    head = "# Copyright 20{} {}\n# All rights are reserved; see the file LICENSE for the terms.\n"
    assert is_copy(head.format(19, "Ann") + CODE, head.format(24, "Bo") + CODE, language="")


def test_unspaced_scripts_are_compared_by_their_characters() -> None:
    text = "红茶是全发酵茶，用沸水冲泡三到五分钟。祁门红茶产于安徽，可以加牛奶和糖，味道香甜。"
    assert is_copy(text.replace("，", "、"), text, language="zh")
    assert not is_copy(text.replace("沸", "冷"), text, language="zh")


def test_texts_without_words_are_compared_as_they_are() -> None:
    assert is_copy("* * *", "* * *")
    assert not is_copy("* * *", "# # #")
    assert is_copy("", "")


def test_a_copy_is_one_of_the_best_passage_that_holds_it() -> None:
    originals = Originals()
    first, second = passage(MANUAL, "1.md"), passage(MANUAL + " 1874.", "2.md")
    assert originals.originals([first, second]) == [None, None]
    later = [replace(second, file="3.md"), replace(first, file="4.md")]
    assert [id(one) for one in originals.originals(later)] == [id(second), id(first)]


def test_copies_of_a_copy_are_copies_of_the_first() -> None:
    one, two, three = (passage(MANUAL, f"{number}.md") for number in range(3))
    found = Originals().originals([one, two, three, passage("Another lamp.")])
    assert found == [None, one, one, None]


def test_a_passage_that_comes_again_is_a_copy() -> None:
    one = passage(MANUAL)
    assert Originals().originals([one, one]) == [None, one]


def test_of_no_passages_none_is_a_copy() -> None:
    assert Originals().originals([]) == []
