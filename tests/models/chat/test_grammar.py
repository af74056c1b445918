"""Grammars of forced answers, asked of llguidance with a vocabulary of bytes and marks."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from llguidance import LLMatcher, LLTokenizer, TokenizerWrapper

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
    MAIL,
    MISTRAL,
    NEMO,
    PHI,
    QWEN,
    TOOLS,
    WEATHER,
    read,
)
from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.chat.format import ChatFormat
from trinax.models.ports import JsonFormat, Tool, Tools

MARK = re.compile(r"<\|?[^<>\s=]+>|\[/?[A-Z_]+\]")
NUMBER = JsonFormat(
    {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "required": ["a"],
        "additionalProperties": False,
    }
)
NO_TOOLS = Tools()
REQUIRED = Tools(TOOLS.tools, "required")
NAMED = Tools(TOOLS.tools, "named", "weather")
STRICT = Tools((replace(WEATHER, strict=True), MAIL))
CITY = '{"city": "x"}'
HERMES_CALL = f'<tool_call>\n{{"name": "weather", "arguments": {CITY}}}\n</tool_call>'
LLAMA_CALL = f'{{"name": "weather", "parameters": {CITY}}}'
R1_CALL = (
    "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>weather\n```json\n"
    f"{CITY}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
)
HARMONY_CALL = "<|channel|>commentary to=functions.weather <|constrain|>json<|message|>" + CITY
ANALYSIS = "<|channel|>analysis<|message|>hm<|end|><|start|>assistant"
FINAL = "<|channel|>final<|message|>"
CALLS = [
    (HERMES, "", HERMES_CALL),
    (QWEN, "", f"<think>\nhm\n</think>\n\n{HERMES_CALL}"),
    (QWEN, "<think>\n", f"hm\n</think>\n\n{HERMES_CALL}"),
    (
        CODER,
        "",
        "<tool_call>\n<function=weather>\n<parameter=city>\nx\ny\n</parameter>\n"
        "<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>",
    ),
    (
        GLM,
        "",
        "<tool_call>weather\n<arg_key>city</arg_key>\n<arg_value>x</arg_value>\n</tool_call>",
    ),
    (LLAMA, "", LLAMA_CALL),
    (MISTRAL, "", f"[THINK]hm[/THINK][TOOL_CALLS]weather[ARGS]{CITY}"),
    (NEMO, "", f'[TOOL_CALLS][{{"name": "weather", "arguments": {CITY}}}]'),
    (GEMMA, "", '<|tool_call>call:weather{city:<|"|>x<|"|>,tags:[1,{a:true}]}<tool_call|>'),
    (
        FUNCTION_GEMMA,
        "",
        "<start_function_call>call:weather{city:<escape>x<escape>}<end_function_call>",
    ),
    (DEEPSEEK_R1, "<think>\n", f"hm</think>\n\n{R1_CALL}"),
    (
        DEEPSEEK_V3,
        "",
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>weather<｜tool▁sep｜>"
        f"{CITY}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
    ),
    (
        DEEPSEEK_V3_2,
        "",
        '<｜DSML｜function_calls>\n<｜DSML｜invoke name="weather">\n'
        '<｜DSML｜parameter name="city" string="true">x</｜DSML｜parameter>\n'
        "</｜DSML｜invoke>\n</｜DSML｜function_calls>",
    ),
    (
        KIMI,
        "",
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.weather:0"
        f"<|tool_call_argument_begin|>{CITY}<|tool_call_end|><|tool_calls_section_end|>",
    ),
    (PHI, "", f'<|tool_call|>[{{"name": "weather", "arguments": {CITY}}}]<|/tool_call|>'),
    (HARMONY, "<|start|>assistant", ANALYSIS + HARMONY_CALL),
]


class Bytes:
    """A vocabulary of bytes, marks and an end, in the shape that TokenizerWrapper reads."""

    bos_token_id = None

    def __init__(self, marks: Sequence[str]) -> None:
        self.ids = {mark: 256 + index for index, mark in enumerate(marks)}
        self.eos_token_id = 256 + len(marks)
        self.special_token_ids = [*self.ids.values(), self.eos_token_id]
        single = [bytes([value]) for value in range(256)]
        self.tokens = [*single, *(mark.encode() for mark in marks), b"<eos>"]

    def __call__(self, text: bytes | str) -> list[int]:
        return list(text.encode() if isinstance(text, str) else text)

    def tokenised(self, text: str) -> list[int]:
        parts = re.split(f"({MARK.pattern})", text)
        ids = ([self.ids[part]] if part in self.ids else self(part) for part in parts)
        return [token for part in ids for token in part]


def accepts(
    template: str,
    text: str,
    tools: Tools = NO_TOOLS,
    json_format: JsonFormat | None = None,
    opening: str = "",
    special: bool = True,
) -> bool:
    """special: whether marks are tokens of their own."""
    vocabulary = Bytes(sorted(set(MARK.findall(text))) if special else ())
    grammar = ChatFormat(template).grammar(tools, json_format, opening, vocabulary.ids)
    assert grammar is not None
    matcher = LLMatcher(LLTokenizer(TokenizerWrapper(vocabulary), slices=[]), grammar, log_level=0)
    assert not matcher.get_error()
    tokens = vocabulary.tokenised(text)
    return matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()


@pytest.mark.parametrize("special", [True, False])
@pytest.mark.parametrize(("template", "opening", "text"), CALLS)
def test_a_required_call_is_written_as_the_family_writes_it(
    template: str, opening: str, text: str, special: bool
) -> None:
    assert accepts(template, text, REQUIRED, opening=opening, special=special)
    assert accepts(template, text, NAMED, opening=opening, special=special)
    assert ("call", "weather") in [part[:2] for part in read(template, text, opening=opening)]


@pytest.mark.parametrize(("template", "opening", "text"), CALLS)
def test_a_required_call_has_the_arguments_of_its_schema(
    template: str, opening: str, text: str
) -> None:
    assert not accepts(template, text.replace("city", "town"), REQUIRED, opening=opening)


@pytest.mark.parametrize(("template", "opening", "text"), CALLS)
def test_a_named_call_is_of_that_tool(template: str, opening: str, text: str) -> None:
    assert not accepts(template, text, Tools(TOOLS.tools, "named", "mail"), opening=opening)


@pytest.mark.parametrize("template", [template for template, *_ in CALLS])
def test_a_required_call_leaves_no_text(template: str) -> None:
    assert not accepts(template, "hello", REQUIRED)


@pytest.mark.parametrize("special", [True, False])
@pytest.mark.parametrize(("template", "opening", "text"), CALLS)
def test_strict_tools_may_be_called_or_not(
    template: str, opening: str, text: str, special: bool
) -> None:
    hello = f"{FINAL}hello" if template == HARMONY else "hello"
    if opening == "<think>\n":
        hello = f"hm</think>\n\n{hello}"
    assert accepts(template, hello, STRICT, opening=opening, special=special)
    assert accepts(template, text, STRICT, opening=opening, special=special)
    wrong = text.replace("city", "town")
    assert not accepts(template, wrong, STRICT, opening=opening, special=special)


def test_text_may_stand_before_a_strict_call() -> None:
    assert accepts(HERMES, f"Sure.\n{HERMES_CALL}", STRICT)


def test_arguments_of_tools_that_are_not_strict_are_free() -> None:
    call = HERMES_CALL.replace("weather", "mail")
    assert accepts(HERMES, call, STRICT)
    assert not accepts(HERMES, HERMES_CALL.replace('"x"', "1"), STRICT)


def test_one_call_where_only_one_is_allowed() -> None:
    once = Tools(TOOLS.tools, "required", parallel=False)
    assert accepts(HERMES, f"{HERMES_CALL}\n{HERMES_CALL}", REQUIRED)
    assert not accepts(HERMES, f"{HERMES_CALL}\n{HERMES_CALL}", once)


def test_json_is_of_its_schema() -> None:
    assert accepts("", '{"a": 1}', json_format=NUMBER)
    assert not accepts("", '{"a": "1"}', json_format=NUMBER)
    assert not accepts("", '{"a": 1} ok', json_format=NUMBER)


def test_json_may_be_indented_but_not_be_blank_for_ever() -> None:
    assert accepts(HERMES, '{\n    "a": 1\n}', json_format=NUMBER)
    assert not accepts(HERMES, '{\n\n\n"a": 1}', json_format=NUMBER)
    assert not accepts(HERMES, "{" + " " * 30 + '"a": 1}', json_format=NUMBER)


def test_json_of_no_schema_is_an_object() -> None:
    assert accepts("", '{"b": [1]}', json_format=JsonFormat())
    assert not accepts("", "[1]", json_format=JsonFormat())


def test_reasoning_may_come_before_json() -> None:
    assert accepts(QWEN, '{"a": 1}', json_format=NUMBER)
    assert accepts(QWEN, '<think>\n{}\n</think>\n\n{"a": 1}', json_format=NUMBER)
    assert accepts(QWEN, 'hm\n</think>\n\n{"a": 1}', json_format=NUMBER, opening="<think>\n")
    assert not accepts(QWEN, '{"a": 1}', json_format=NUMBER, opening="<think>\n")


def test_json_of_gpt_oss_is_in_its_final_channel() -> None:
    opening = "<|start|>assistant"
    json = f'{ANALYSIS}{FINAL}{{"a": 1}}'
    assert accepts(HARMONY, json, json_format=NUMBER, opening=opening)
    assert not accepts(HARMONY, f"{FINAL}hello", json_format=NUMBER, opening=opening)


def test_tools_may_be_called_instead_of_json() -> None:
    assert accepts(HERMES, HERMES_CALL, TOOLS, NUMBER)
    assert accepts(HERMES, '{"a": 1}', TOOLS, NUMBER)
    assert not accepts(HERMES, "hello", TOOLS, NUMBER)


def test_beside_json_calls_need_their_mark() -> None:
    assert accepts(LLAMA, f"<|python_tag|>{LLAMA_CALL}", TOOLS, NUMBER)
    assert accepts(LLAMA, '{"a": 1}', TOOLS, NUMBER)


@pytest.mark.parametrize("template", [HERMES, CODER, GEMMA])
def test_what_is_no_schema_is_refused(template: str) -> None:
    schema = {"properties": {"a": {"type": 1, "enum": 2}}, "required": 3, "x": {1}}
    with pytest.raises(InvalidRequest):
        ChatFormat(template).grammar(
            Tools((Tool("f", parameters=schema),), "required"), None, "", {}
        )


@pytest.mark.parametrize("template", [HERMES, CODER, GEMMA])
@pytest.mark.parametrize("form", ["items", "additionalProperties"])
def test_references_that_go_on_and_on_are_refused(template: str, form: str) -> None:
    links = {str(n): {form: {"$ref": f"#/$defs/{n + 1}"}} for n in range(5000)}
    schema = {"$ref": "#/$defs/0", "$defs": {**links, "5000": {"type": "string"}}}
    with pytest.raises(InvalidRequest, match="nested too deeply"):
        ChatFormat(template).grammar(
            Tools((Tool("f", parameters=schema),), "required"), None, "", {}
        )


@pytest.mark.parametrize("tools", [Tools(), TOOLS, Tools(STRICT.tools, "none")])
def test_nothing_forced_needs_no_grammar(tools: Tools) -> None:
    assert ChatFormat(HERMES).grammar(tools, None, "", {}) is None


def test_a_tool_that_is_not_offered_cannot_be_named() -> None:
    with pytest.raises(InvalidRequest):
        ChatFormat("").grammar(Tools(TOOLS.tools, "named", "rm"), None, "", {})


@pytest.mark.parametrize("template", [CODER, GEMMA])
def test_a_strict_schema_that_a_notation_cannot_follow_is_refused(template: str) -> None:
    tool = Tool("f", parameters={"anyOf": [{"required": ["a"]}]}, strict=True)
    with pytest.raises(UnsupportedParameter, match="f"):
        ChatFormat(template).grammar(Tools((tool,)), None, "", {})


def test_members_of_gemmas_objects_are_separated_by_commas() -> None:
    member = {"type": "integer"}
    schema = {"properties": {"a": member, "b": member, "c": member}, "required": ["b"]}
    tools = Tools((Tool("f", parameters=schema),), "required")
    for members, good in {"b:1": True, "a:1,b:1": True, "b:1,c:1": True, "a:1": False}.items():
        assert accepts(GEMMA, f"<|tool_call>call:f{{{members}}}<tool_call|>", tools) is good
