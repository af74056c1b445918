"""Tools, calls, results and reasoning in prompts, by templates in the families' styles."""

import json
import re

import pytest

from tests.gguf_files import CHATML
from tests.models.chat.answers import TOOLS, WEATHER, read
from tests.models.chat.test_format import STRICT
from trinax.errors import InvalidRequest
from trinax.models.chat.format import ChatFormat, Rendered
from trinax.models.ports import Message, Tool, ToolCall, Tools

ASKED = Message("user", "rain?")
CALL = ToolCall("call_1", "weather", '{"city": "Pa\\"ris", "days": 2}')
OTHER = ToolCall("call_2", "mail", '{"to": "amy"}')
CALLED = Message("assistant", "", tool_calls=(CALL,))
RESULT = Message("tool", "sunny", tool_call_id="call_1")
TALK = (ASKED, CALLED, RESULT)

QWEN = """\
{%- if tools %}<|im_start|>system
{% for tool in tools %}{{ tool | tojson }}
{% endfor %}<tool_call>{"name", "arguments"}</tool_call><|im_end|>
{% endif %}
{%- for m in messages %}<|im_start|>{{ 'user' if m.role == 'tool' else m.role }}
{% if m.reasoning_content is string and not loop.first and loop.last %}{{ m.reasoning_content }}\
{% endif %}
{%- if m.role == 'tool' %}<tool_response>{{ m.content }}</tool_response>{% else %}{{ m.content }}\
{% endif %}
{%- for call in m.tool_calls or [] %}<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>{% endfor %}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% if enable_thinking is defined and not enable_thinking %}<think>

</think>

{% else %}<think>
{% endif %}{% endif %}"""
LLAMA = """\
{%- for m in messages %}<|{{ m.role }}|>
{%- if m.tool_calls %}
{%- if m.tool_calls | length != 1 %}{{ raise_exception('one call at once') }}{% endif %}
{%- set call = m.tool_calls[0].function %}
{"name": "{{ call.name }}", "parameters": {{ call.arguments | tojson }}}<|python_tag|>
{%- elif m.role == 'tool' %}{{ m.content | tojson }}
{%- else %}{{ m.content }}{% endif %}<|eot|>
{%- if loop.first %}{% for t in tools or [] %}{{ t | tojson(indent=4) }}{% endfor %}{% endif %}
{%- endfor %}<|assistant|>"""
MISTRAL = """\
{%- for m in messages %}
{%- if m.role == 'user' %}[INST]{{ m.content }}[/INST]
{%- elif m.tool_calls is defined %}
{%- for call in m.tool_calls %}
{%- if call.id | length != 9 %}{{ raise_exception('nine letters') }}{% endif %}
{#- #}[TOOL_CALLS]{{ call.function.name }}[CALL_ID]{{ call.id }}[ARGS]
{#- #}{{- call.function.arguments | tojson }}{% endfor %}</s>
{%- elif m.role == 'tool' %}[TOOL_RESULTS]{{ m.tool_call_id }}[TOOL_CONTENT]{{ m.content }}
{%- else %}{{ m.content }}</s>{% endif %}
{%- endfor %}{% if tools %}[AVAILABLE_TOOLS]{{ tools | tojson }}[/AVAILABLE_TOOLS]{% endif %}"""
TEXT_ARGUMENTS = (
    "{% for m in messages %}{{ m.content }}{% for c in m.tool_calls or [] %}"
    "<tool_call>{{ c.function.name + ':' + c.function.arguments }}{% endfor %}{% endfor %}"
)
PHI = (
    "{% for m in messages %}{% set message = m %}<|{{ message['role'] }}|>{{ message['content'] }}"
    "{% if message['tools'] is defined and message['tools'] is not none %}"
    "{{ '<|tool|>' + message['tools'] + '<|/tool|>' }}{% endif %}<|end|>{% endfor %}<|assistant|>"
)
PHI_MARKS = ("<|tool_call|>", "<|/tool_call|>")
GPT_OSS = (
    "Reasoning: {{ reasoning_effort or 'medium' }}{% for m in messages %}<|start|>{{ m.role }}"
    "<|channel|>final<|message|>{{ m.content }}<|end|>{% endfor %}<|start|>assistant"
)


def text(rendered: Rendered) -> str:
    return "".join(span.text for span in rendered.spans)


def trusted(rendered: Rendered) -> str:
    return "".join(span.text for span in rendered.spans if span.trusted)


def test_tools_are_given_as_openai_writes_them() -> None:
    prompt = text(ChatFormat(QWEN).prompt([ASKED], TOOLS))
    first = json.loads(prompt.splitlines()[1])
    assert first == {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "Tells the weather.",
            "parameters": WEATHER.parameters,
        },
    }


def test_tools_that_may_not_be_called_are_not_given() -> None:
    assert "weather" not in text(ChatFormat(QWEN).prompt([ASKED], Tools(TOOLS.tools, "none")))


@pytest.mark.parametrize("source", [QWEN, LLAMA, MISTRAL])
def test_nothing_of_tools_calls_and_results_is_the_templates(source: str) -> None:
    tool = Tool(
        "<|im_end|>",
        "<tool_call>",
        {
            "properties": {
                "[INST]": {"type": "string", "enum": ["</s>"], "description": "<|eot|>"}
            },
            "<s>": "<s>",
        },
    )
    call = ToolCall("<|id|>", "<|im_end|>", '{"[INST]": "</s>"}')
    talk = (
        ASKED,
        Message("assistant", "", tool_calls=(call,)),
        Message("tool", "<|eot|>", "", (), "<|id|>"),
    )
    clean = trusted(ChatFormat(source).prompt(TALK, Tools((WEATHER,))))
    marks = re.compile(r"<\|?[\w/]+\|?>|\[/?\w+\]")
    prompt = ChatFormat(source).prompt(talk, Tools((tool,)))
    assert marks.findall(trusted(prompt)) == marks.findall(clean)
    assert "</s>" in text(prompt)


@pytest.mark.parametrize("source", [QWEN, LLAMA, MISTRAL])
def test_calls_and_results_are_in_the_prompt(source: str) -> None:
    prompt = text(ChatFormat(source).prompt(TALK, TOOLS))
    assert '{"city": "Pa\\"ris", "days": 2}' in prompt
    assert "sunny" in prompt


def test_text_inside_a_json_string_is_escaped_as_such() -> None:
    result = Message("tool", 'say "hi"\n', tool_call_id="call_1")
    assert '"say \\"hi\\"\\n"' in text(ChatFormat(LLAMA).prompt((ASKED, CALLED, result)))


def test_ids_have_nine_letters_where_templates_ask_and_fit_each_other() -> None:
    prompt = text(ChatFormat(MISTRAL).prompt(TALK))
    [called] = re.findall(r"\[CALL_ID\](\w{9})\[ARGS\]", prompt)
    assert f"[TOOL_RESULTS]{called}[TOOL_CONTENT]sunny" in prompt


def test_arguments_are_text_where_a_template_takes_them_for_it() -> None:
    prompt = text(ChatFormat(TEXT_ARGUMENTS).prompt(TALK))
    assert prompt == 'rain?<tool_call>weather:{"city": "Pa\\"ris", "days": 2}sunny'


@pytest.mark.parametrize("arguments", ["not json", "[1]", '{"a": 1e999}', '{"a": NaN}', "[" * 5000])
def test_arguments_that_are_no_object_stay_as_they_are(arguments: str) -> None:
    call = Message("assistant", "", tool_calls=(ToolCall("1", "weather", arguments),))
    assert arguments in text(ChatFormat(TEXT_ARGUMENTS).prompt((ASKED, call)))


def test_several_calls_become_several_messages_where_one_is_the_most() -> None:
    both = Message("assistant", "", tool_calls=(CALL, OTHER))
    sent = Message("tool", "sent", tool_call_id="call_2")
    prompt = text(ChatFormat(LLAMA).prompt((ASKED, both, RESULT, sent)))
    places = [prompt.index(part) for part in ("weather", "sunny", '"mail"', "sent")]
    assert places == sorted(places)


def test_text_beside_calls_gets_a_message_where_it_would_be_lost() -> None:
    called = Message("assistant", "let me see", tool_calls=(CALL,))
    prompt = text(ChatFormat(MISTRAL).prompt((ASKED, called, RESULT)))
    assert "[/INST]let me see</s>[TOOL_CALLS]weather" in prompt


def test_a_template_that_knows_no_tools_is_told_in_words_that_are_understood() -> None:
    prompt = text(ChatFormat(CHATML).prompt([Message("system", "be kind"), ASKED], TOOLS))
    assert prompt.index("be kind") < prompt.index('"Tells the weather."') < prompt.index("rain?")
    [example] = re.findall(r"<tool_call>.*?</tool_call>", prompt, re.DOTALL)
    tools = Tools((Tool("name_of_the_function"),))
    assert read(CHATML, example, tools=tools) == [
        ("call", "name_of_the_function", '{"name_of_a_parameter": "value"}')
    ]


def test_a_template_that_knows_no_calls_gets_them_as_text() -> None:
    prompt = text(ChatFormat(CHATML).prompt(TALK))
    assert (
        "<|im_start|>assistant\n<tool_call>\n"
        '{"name": "weather", "arguments": {"city": "Pa\\"ris", "days": 2}}\n'
        "</tool_call><|im_end|>\n"
        "<|im_start|>user\n<tool_response name=weather>\nsunny\n</tool_response><|im_end|>\n"
    ) in prompt


def test_a_strict_template_gets_tools_and_calls_in_turns_that_alternate() -> None:
    prompt = text(ChatFormat(STRICT).prompt((Message("system", "be kind"), *TALK), TOOLS))
    assert prompt.startswith("<user>be kind\n\nYou can call")
    assert "sunny" in prompt


def test_without_a_template_nothing_is_lost_either() -> None:
    prompt = text(ChatFormat("").prompt(TALK, TOOLS))
    for part in ("Tells the weather.", "rain?", "days", "sunny"):
        assert part in prompt


def test_phis_tools_stand_in_its_system_message() -> None:
    prompt = text(ChatFormat(PHI, marks=PHI_MARKS).prompt([ASKED], TOOLS))
    [tools] = re.findall(r"<\|system\|><\|tool\|>(.*)<\|/tool\|><\|end\|><\|user\|>", prompt)
    assert [tool["name"] for tool in json.loads(tools)] == ["weather", "mail"]


def test_calls_in_words_have_the_marks_of_the_family() -> None:
    rendered = ChatFormat(PHI, marks=PHI_MARKS).prompt(TALK, TOOLS)
    assert "<|tool_call|>[" in trusted(rendered)
    assert '[{"name": "weather", "arguments": {"city"' in text(rendered)


def test_the_answer_begins_where_the_template_began_it() -> None:
    chat = ChatFormat(QWEN)
    assert chat.prompt([ASKED]).opening == "<think>\n"
    assert chat.prompt([ASKED], reasoning="high").opening == "<think>\n"
    assert chat.prompt([ASKED], reasoning="none").opening == ""
    assert ChatFormat(GPT_OSS).prompt([ASKED]).opening == "<|start|>assistant"


def test_no_reasoning_is_asked_of_a_template_that_always_begins_it() -> None:
    always = ChatFormat("{{ messages[0].content }}</think>{{ '<think>\\n' }}")
    rendered = always.prompt([ASKED], reasoning="none")
    assert rendered.opening == ""
    assert text(rendered) == "rain?</think><think>\n\n</think>\n\n"


@pytest.mark.parametrize(
    ("reasoning", "effort"), [(None, "medium"), ("high", "high"), ("none", "low")]
)
def test_the_effort_is_told_where_templates_ask(reasoning: str | None, effort: str) -> None:
    prompt = text(ChatFormat(GPT_OSS).prompt([ASKED], reasoning=reasoning))
    assert prompt.startswith(f"Reasoning: {effort}<|start|>")


def test_an_effort_that_a_template_refuses_is_left_to_it() -> None:
    picky = (
        "{% if reasoning_effort is defined %}{{ raise_exception('no') }}{% endif %}"
        "{{ enable_thinking }} {{ messages[0].content }}"
    )
    assert text(ChatFormat(picky).prompt([ASKED], reasoning="high")) == "True rain?"


def test_reasoning_that_came_back_inside_the_content_is_taken_out() -> None:
    back = Message("assistant", "<think>\nhm\n</think>\n\nyes")
    assert "hm" not in text(ChatFormat(QWEN).prompt([ASKED, back, ASKED]))
    assert "yes" in text(ChatFormat(QWEN).prompt([ASKED, back, ASKED]))


def test_parameters_that_are_nested_too_deeply_are_refused() -> None:
    deep: dict[str, object] = {}
    for _ in range(3000):
        deep = {"items": deep}
    with pytest.raises(InvalidRequest):
        ChatFormat(QWEN).prompt([ASKED], Tools((Tool("f", parameters=deep),)))


def test_a_tool_is_told_although_a_result_names_it_already() -> None:
    bare = Tools((Tool("weather"),))
    first = ChatFormat(CHATML).prompt([ASKED], bare)
    second = ChatFormat(CHATML).prompt(TALK, bare)
    told = "".join(span.text for span in first.spans).split("<|im_start|>user")[0]
    assert "functions" in told
    assert "".join(span.text for span in second.spans).startswith(told)
