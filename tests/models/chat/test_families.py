"""What is read of an answer in each family's way of writing, however it is cut into pieces."""

import json
import re
from random import Random
from time import perf_counter

import pytest

from tests.models.chat.answers import (
    CODER,
    DEEPSEEK_R1,
    DEEPSEEK_V3,
    DEEPSEEK_V3_2,
    FUNCTION_GEMMA,
    GEMMA,
    GLM,
    HARMONY,
    HERMES,
    KIMI,
    LLAMA,
    MISTRAL,
    NEMO,
    PHI,
    QWEN,
    TOOLS,
    Read,
    merged,
    read,
)
from trinax.models.chat.events import Called
from trinax.models.chat.format import ChatFormat
from trinax.models.ports import JsonSchema, Tool, Tools

CITY = '{"city": "x"}'
TO = '{"to": "y"}'
BOTH: Read = [("call", "weather", CITY), ("call", "mail", TO)]
FIRST = f'{{"name": "weather", "arguments": {CITY}}}'
SECOND = f'{{"name": "mail", "arguments": {TO}}}'
R1_CALL = "<｜tool▁call▁begin｜>function<｜tool▁sep｜>{}\n```json\n{}\n```<｜tool▁call▁end｜>"
V3_CALL = "<｜tool▁call▁begin｜>{}<｜tool▁sep｜>{}<｜tool▁call▁end｜>"
SECTION = "<｜tool▁calls▁begin｜>{}<｜tool▁calls▁end｜>"
KIMI_CALL = "<|tool_call_begin|>functions.{}:{}<|tool_call_argument_begin|>{}<|tool_call_end|>"
DSML_CALL = '<｜DSML｜invoke name="{}">\n{}</｜DSML｜invoke>\n'
DSML = '<｜DSML｜parameter name="{}" string="{}">{}</｜DSML｜parameter>\n'
ANALYSIS = "<|channel|>analysis<|message|>"
NEXT = "<|end|><|start|>assistant"

CASES: list[tuple[str, str, str, Read]] = [
    (
        HERMES,
        f"Sure.\n<tool_call>\n{FIRST}\n</tool_call>\n<tool_call>\n{SECOND}\n</tool_call>",
        "",
        [("answer", "Sure."), *BOTH],
    ),
    (
        QWEN,
        f"<think>\nhm, <tool_call>?\n</think>\n\n<tool_call>\n{FIRST}\n</tool_call>",
        "",
        [("reasoning", "hm, <tool_call>?"), BOTH[0]],
    ),
    (QWEN, "hm\n</think>\n\nyes", "<think>\n", [("reasoning", "hm"), ("answer", "yes")]),
    (QWEN, "hm", "<think>\n", [("reasoning", "hm")]),
    (
        CODER,
        '<tool_call>\n<function=weather>\n<parameter=city>\nPa"\nris\n</parameter>\n'
        '<parameter=days>\n2\n</parameter>\n<parameter=tags>\n["a"]\n</parameter>\n'
        "</function>\n</tool_call>\n<tool_call>\n<function=mail>\n</function>\n</tool_call>",
        "",
        [
            ("call", "weather", '{"city": "Pa\\"\\nris", "days": 2, "tags": ["a"]}'),
            ("call", "mail", "{}"),
        ],
    ),
    (
        GLM,
        "<tool_call>weather\n<arg_key>city</arg_key>\n<arg_value>x</arg_value>\n</tool_call>\n"
        "<tool_call>mail\n<arg_key>to</arg_key>\n<arg_value>y</arg_value>\n</tool_call>",
        "",
        BOTH,
    ),
    (
        LLAMA,
        '{"name": "weather", "parameters": {"city": "x"}}; {"name": "mail", "parameters": '
        '{"to": "y"}}',
        "",
        BOTH,
    ),
    (LLAMA, f"<|python_tag|>{FIRST}", "", BOTH[:1]),
    (NEMO, f'[TOOL_CALLS][{FIRST[:-1]}, "id": "abcdefghi"}}, {SECOND}]', "", BOTH),
    (
        MISTRAL,
        f"[THINK]hm[/THINK]Sure.[TOOL_CALLS]weather[CALL_ID]abcdefghi[ARGS]{CITY}"
        f"[TOOL_CALLS]mail[ARGS]{TO}",
        "",
        [("reasoning", "hm"), ("answer", "Sure."), *BOTH],
    ),
    (
        GEMMA,
        '<|channel>thought\nhm\n<channel|><|tool_call>call:weather{city:<|"|>Pa"{r}<|"|>,days:-2,'
        'tags:[<|"|>a<|"|>,{b:true}]}<tool_call|><|tool_call>call:mail{}<tool_call|>',
        "",
        [
            ("reasoning", "hm"),
            ("call", "weather", '{"city": "Pa\\"{r}", "days": -2, "tags": ["a", {"b": true}]}'),
            ("call", "mail", "{}"),
        ],
    ),
    (
        FUNCTION_GEMMA,
        "<start_function_call>call:weather{city:<escape>x<escape>}<end_function_call>",
        "",
        BOTH[:1],
    ),
    (
        DEEPSEEK_R1,
        "hm\n</think>\n\n"
        + SECTION.format(R1_CALL.format("weather", CITY) + "\n" + R1_CALL.format("mail", TO)),
        "<think>\n",
        [("reasoning", "hm"), *BOTH],
    ),
    (
        DEEPSEEK_V3,
        SECTION.format(V3_CALL.format("weather", CITY) + V3_CALL.format("mail", TO)),
        "",
        BOTH,
    ),
    (
        DEEPSEEK_V3_2,
        "<｜DSML｜function_calls>\n"
        + DSML_CALL.format("weather", DSML.format("city", "true", "x"))
        + DSML_CALL.format("mail", DSML.format("to", "true", "y"))
        + "</｜DSML｜function_calls>",
        "",
        BOTH,
    ),
    (
        KIMI,
        "<|tool_calls_section_begin|>"
        + KIMI_CALL.format("weather", 0, CITY)
        + KIMI_CALL.format("mail", 1, TO)
        + "<|tool_calls_section_end|>",
        "",
        BOTH,
    ),
    (PHI, f"<|tool_call|>[{FIRST}, {SECOND}]<|/tool_call|>", "", BOTH),
    (
        HARMONY,
        f"{ANALYSIS}hm{NEXT}<|channel|>commentary<|message|>Sure.{NEXT}<|channel|>commentary "
        f"to=functions.weather <|constrain|>json<|message|>{CITY}<|call|>",
        "<|start|>assistant",
        [("reasoning", "hm"), ("answer", "Sure."), BOTH[0]],
    ),
    (
        HARMONY,
        f" to=functions.weather<|channel|>commentary json<|message|>{CITY}",
        "<|start|>assistant",
        BOTH[:1],
    ),
    (
        HARMONY,
        f"{ANALYSIS}hm{NEXT}<|channel|>final<|message|>yes<|return|>",
        "<|start|>assistant",
        [("reasoning", "hm"), ("answer", "yes")],
    ),
    ("", f"<tool_call>\n{FIRST}\n</tool_call>", "", BOTH[:1]),
    ("", " a\n b \n", "", [("answer", " a\n b \n")]),
    # What looks like a call and is none is text.
    (HERMES, "a <tool_call> tag", "", [("answer", "a <tool_call> tag")]),
    (HERMES, "<tool_call>{", "", [("answer", "<tool_call>{")]),
    (
        HERMES,
        '<tool_call>{"name": "rm", "arguments": {}}</tool_call>',
        "",
        [("answer", '<tool_call>{"name": "rm", "arguments": {}}</tool_call>')],
    ),
    (HERMES, '{"name": "Ann", "age": 3}', "", [("answer", '{"name": "Ann", "age": 3}')]),
    (HERMES, "[1, 2]", "", [("answer", "[1, 2]")]),
    (
        HERMES,
        f'[{FIRST}, {{"a": 1}}]',
        "",
        [BOTH[0], ("answer", ', {"a": 1}]')],
    ),
    (LLAMA, "<|python_tag|>print(1)", "", [("answer", "<|python_tag|>print(1)")]),
    (
        CODER,
        "<tool_call>\n<function=weather>\n hm",
        "",
        [("answer", "<tool_call>\n<function=weather>\n hm")],
    ),
    (MISTRAL, "[TOOL_CALLS]rm[ARGS]{}", "", [("answer", "[TOOL_CALLS]rm[ARGS]{}")]),
    (GEMMA, "<|tool_call>call:rm{}", "", [("answer", "<|tool_call>call:rm{}")]),
    (
        HARMONY,
        "<|channel|>commentary to=python code<|message|>1",
        "<|start|>assistant",
        [("answer", "<|channel|>commentary to=python code<|message|>1")],
    ),
    (HARMONY, "plain", "<|start|>assistant", [("answer", "plain")]),
    # A call that breaks off is told as far as it came.
    (HERMES, '<tool_call>{"name": "mail", "arguments": {"to', "", [("call", "mail", '{"to')]),
    (
        CODER,
        "<tool_call>\n<function=mail>\n<parameter=to>\nyo",
        "",
        [("call", "mail", '{"to": "yo')],
    ),
    (GEMMA, '<|tool_call>call:mail{to:<|"|>yo', "", [("call", "mail", '{"to": "yo')]),
    # Arguments that come before the name, inside a string, or as null.
    (HERMES, f'{{"arguments": {CITY}, "name": "weather"}}', "", BOTH[:1]),
    (HERMES, '{"name": "mail", "arguments": "{\\"to\\": 1}"}', "", [("call", "mail", '{"to": 1}')]),
    (HERMES, '{"name": "mail", "arguments": null}', "", [("call", "mail", "{}")]),
]


@pytest.mark.parametrize(("template", "text", "opening", "expected"), CASES)
def test_an_answer_is_read_for_what_it_says_and_calls(
    template: str, text: str, opening: str, expected: Read
) -> None:
    assert read(template, text, opening=opening) == expected


@pytest.mark.parametrize(("template", "text", "opening", "expected"), CASES)
def test_pieces_of_an_answer_say_what_the_whole_says(
    template: str, text: str, opening: str, expected: Read
) -> None:
    assert read(template, text, range(len(text)), opening) == expected
    for cut in range(len(text)):
        assert read(template, text, [cut], opening) == expected


@pytest.mark.parametrize("seed", range(20))
def test_pieces_of_a_muddled_answer_say_what_the_whole_says(seed: int) -> None:
    random = Random(seed)
    for template, text, opening, _ in CASES:
        words = re.findall(r"<[^<>]*>|\w+|\s+|.", text)
        for _ in range(3):
            words[random.randrange(len(words))] = random.choice(words)
        muddled = "".join(words)
        whole = read(template, muddled, opening=opening)
        assert read(template, muddled, range(len(muddled)), opening) == whole


def test_a_long_answer_takes_time_by_its_length() -> None:
    def seconds(length: int) -> float:
        parser = ChatFormat(QWEN).parser(TOOLS)
        start = perf_counter()
        for _ in range(length):
            parser.feed("a <")
        parser.finish()
        return perf_counter() - start

    assert min(seconds(40_000) for _ in range(3)) < 12 * min(seconds(10_000) for _ in range(3))


@pytest.mark.parametrize("schema", [{"properties": 1}, {"properties": {"to": {"type": {}}}}])
def test_what_is_no_schema_does_no_harm(schema: JsonSchema) -> None:
    text = "<tool_call>\n<function=f>\n<parameter=to>\n1\n</parameter>\n</function>\n</tool_call>"
    tools = Tools((Tool("f", parameters=schema),))
    assert read(CODER, text, tools=tools) == [("call", "f", '{"to": 1}')]


def test_arguments_come_as_they_are_written() -> None:
    parser = ChatFormat(HERMES).parser(TOOLS)
    assert parser.feed('<tool_call>{"name": "mail", "arguments": ') == []
    assert merged(parser.feed('{"to": "a')) == [("call", "mail", '{"to": "a')]
    assert parser.feed("b") == [Called(0, "", "", "b")]


def test_calls_have_ids_of_their_own() -> None:
    parser = ChatFormat(HERMES).parser(TOOLS)
    events = parser.feed(f"<tool_call>{FIRST}</tool_call><tool_call>{SECOND}</tool_call>")
    ids = {event.id for event in events if isinstance(event, Called) and event.id}
    assert len(ids) == 2


@pytest.mark.parametrize("tools", [Tools(), Tools(TOOLS.tools, "none")])
def test_without_tools_to_call_calls_are_text(tools: Tools) -> None:
    text = f"<tool_call>{FIRST}</tool_call>"
    assert read(HERMES, text, tools=tools) == [("answer", text)]


def test_where_one_call_is_allowed_the_answer_ends_with_it() -> None:
    parser = ChatFormat(HERMES).parser(Tools(TOOLS.tools, parallel=False))
    events = parser.feed(f"<tool_call>{FIRST}</tool_call>")
    assert parser.done
    assert events
    assert not parser.feed(f"<tool_call>{SECOND}</tool_call>")


def test_the_family_is_told_by_the_vocabulary_where_the_template_tells_nothing() -> None:
    marks = {"<|tool_call|>", "<|/tool_call|>", "<think>", "</think>", "<s>"}
    chat = ChatFormat("{{ messages[0].content }}", marks=marks)
    assert chat.marks == marks - {"<s>"}


def test_only_marks_of_the_vocabulary_are_marks() -> None:
    assert ChatFormat(HERMES).marks == frozenset()
    assert ChatFormat(HERMES, marks=["<tool_call>", "<s>"]).marks == {"<tool_call>"}


def test_values_take_the_types_of_the_schema() -> None:
    values = {"city": "7", "days": "7", "tags": "not json"}
    written = "".join(f"<parameter={k}>\n{v}\n</parameter>\n" for k, v in values.items())
    [(_, _, arguments)] = read(
        CODER, f"<tool_call>\n<function=weather>\n{written}</function>\n</tool_call>"
    )
    assert json.loads(arguments) == {"city": "7", "days": 7, "tags": "not json"}
