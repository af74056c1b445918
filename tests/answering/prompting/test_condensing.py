import random
import re

import pytest

from trinax.answering.prompting.condensing import blocks_of, condensed, divided

CODE = "```py\n" + "\n".join(f"x{n} = {n}" for n in range(400)) + "\n```"
FILLER = [f"Paragraph {n}. " + "Nothing of note. " * 12 for n in range(30)]
FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})(.*)")


def shown(text: str, limit_characters: int = 600, question: str = "") -> str:
    return condensed(divided(text, question), limit_characters)


def left_open(text: str) -> bool:
    """By CommonMark's rules, a line at a time."""
    opened = ""
    for line in text.splitlines():
        found = FENCE.match(line)
        if opened and found and found[1].startswith(opened) and not found[2].strip():
            opened = ""
        elif not opened and found and not (found[1][0] == "`" and "`" in found[2]):
            opened = found[1]
    return bool(opened)


def any_text(random_: random.Random) -> str:
    kinds = (
        lambda: " ".join(["word"] * random_.randint(1, 120)),
        lambda: "\n".join(["a line of things"] * random_.randint(1, 40)),
        lambda: "```py\n" + "x = 1\n" * random_.randint(0, 60) + random_.choice(["```", ""]),
        lambda: "~~~\n`a` ```\n" + "y" * random_.randint(0, 900) + "\n~~~",
        lambda: "x" * random_.randint(10, 5000),
        lambda: "```not a fence``` and more",
    )
    return "\n\n".join(random_.choice(kinds)() for _ in range(random_.randint(1, 25)))


def test_a_short_message_is_shown_as_it_is() -> None:
    text = "Hello\r\n\r\n\r\n```\nnever closed"
    assert shown(text) == text
    assert shown("") == ""


@pytest.mark.parametrize("limit_characters", [300, 600, 2000])
def test_a_long_message_is_never_longer_than_its_limit(limit_characters: int) -> None:
    random_ = random.Random(limit_characters)
    for text in (any_text(random_) for _ in range(300)):
        said = shown(text, limit_characters)
        assert len(said) <= limit_characters or said == text
        assert not left_open(said) or said == text
        assert "left out]" in said or said == text


def test_beginning_and_end_are_kept() -> None:
    said = shown("\n\n".join(["First words.", *FILLER, "Last words."]))
    assert said.startswith("First words.")
    assert said.endswith("Last words.")


def test_what_the_question_is_about_is_kept() -> None:
    text = "\n\n".join(["First.", *FILLER, "The keeper is Marta.", *FILLER, "Last."])
    assert "The keeper is Marta." in shown(text, question="Who is the keeper?")
    assert "The keeper is Marta." not in shown(text, question="What is the weather?")


def test_what_a_chinese_question_is_about_is_kept() -> None:
    text = "\n\n".join(["开始。", *FILLER, "守塔人名叫玛尔塔。", *FILLER, "结束。"])
    assert "守塔人名叫玛尔塔。" in shown(text, question="守塔人是谁？")


def test_it_says_how_many_lines_are_left_out() -> None:
    lines = [f"line {n}" for n in range(1000)]
    said = shown("\n".join(lines)).splitlines()
    (note,) = [line for line in said if line not in lines]
    assert note == f"[… {1000 - len(said) + 1} lines left out]"


def test_long_code_is_cut_between_its_fences() -> None:
    said = shown(f"Look:\n\n{CODE}\n\nWhy?")
    assert said.startswith("Look:\n\n```py\nx0 = 0\n")
    assert said.endswith("x399 = 399\n```\n\nWhy?")
    assert "lines left out]" in said


def test_code_that_fits_is_whole() -> None:
    code = "~~~\nkeeper = 1\n\nb = 2\n~~~"
    text = "\n\n".join([*FILLER, code, *FILLER])
    assert code in shown(text, question="Why is keeper 1?")


def test_code_that_was_never_closed_is_closed() -> None:
    said = shown("Look:\n\n" + CODE.removesuffix("```"))
    assert said.endswith("x399 = 399\n```")
    assert not left_open(said)


def test_a_line_is_cut_between_words() -> None:
    said = shown("marta " * 1000)
    before, note, after = said.partition("[… ")
    assert set(before.split()) == {"marta"}
    assert set(after.partition("left out] ")[2].split()) == {"marta"}
    assert note


def test_a_word_without_end_is_cut_all_the_same() -> None:
    said = shown("字" * 100_000)
    assert len(said) <= 600
    left = int(said.split("[… ")[1].split()[0])
    assert said.count("字") + left == 100_000


def test_no_line_is_lost_in_blocks() -> None:
    random_ = random.Random(7)
    for text in (any_text(random_) for _ in range(100)):
        lines = [line for block in blocks_of(text.splitlines()) for line in block.lines]
        assert lines[: len(text.splitlines())] == text.splitlines()
