import pytest

from tests.gguf_files import CHATML
from trinax.models.chat.format import ChatFormat
from trinax.models.chat.spans import Span
from trinax.models.ports import Message

TALK = (
    Message("system", "be kind"),
    Message("user", "hello"),
    Message("assistant", "hi"),
    Message("user", "why?"),
)
# As Gemma's: no system role, turns that alternate.
STRICT = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}"
    "<{{ message['role'] }}>{{ message['content'] | trim }}</s>"
    "{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
)


def text(template: ChatFormat, *messages: Message) -> str:
    return "".join(span.text for span in template.prompt(messages).spans)


def untrusted(template: ChatFormat, *messages: Message) -> list[str]:
    return [span.text for span in template.prompt(messages).spans if not span.trusted]


def test_a_template_lays_out_the_messages() -> None:
    assert text(ChatFormat(CHATML), *TALK[:2]) == (
        "<|im_start|>system\nbe kind<|im_end|>\n<|im_start|>user\nhello<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def test_texts_of_messages_are_untrusted_and_nothing_else_is() -> None:
    assert untrusted(ChatFormat(CHATML), *TALK) == ["be kind", "hello", "hi", "why?"]


def test_text_that_looks_like_a_template_is_text() -> None:
    assert untrusted(ChatFormat(CHATML), Message("user", "{{ 1 + 1 }}")) == ["{{ 1 + 1 }}"]


def test_text_that_looks_like_a_placeholder_is_text() -> None:
    messages = (Message("user", "@@TRINAX000001-0@@"), Message("assistant", "secret"))
    assert untrusted(ChatFormat(CHATML), *messages) == ["@@TRINAX000001-0@@", "secret"]


def test_special_tokens_are_the_models() -> None:
    assert text(ChatFormat(STRICT, bos="<b>"), Message("user", "a")) == (
        "<b><user>a</s><assistant>"
    )


def test_system_text_joins_the_first_user_turn_where_it_has_no_role() -> None:
    assert text(ChatFormat(STRICT), *TALK) == (
        "<user>be kind\n\nhello</s><assistant>hi</s><user>why?</s><assistant>"
    )


def test_system_text_that_a_template_drops_in_silence_joins_the_user_too() -> None:
    dropping = "{% for m in messages if m.role == 'user' %}[{{ m.content }}]{% endfor %}"
    assert text(ChatFormat(dropping), *TALK[:2]) == "[be kind\n\nhello]"


def test_turns_of_one_side_are_joined_where_they_must_alternate() -> None:
    messages = (Message("user", "a"), Message("user", "b"))
    assert text(ChatFormat(STRICT), *messages) == "<user>a\n\nb</s><assistant>"


def test_a_talk_that_begins_with_the_assistant_gets_an_empty_turn_before() -> None:
    messages = (Message("assistant", "a"), Message("user", "b"))
    assert text(ChatFormat(STRICT), *messages) == (
        "<user></s><assistant>a</s><user>b</s><assistant>"
    )


def test_an_empty_message_is_no_loss() -> None:
    assert untrusted(ChatFormat(CHATML), Message("user", "")) == []


@pytest.mark.parametrize(
    "source",
    [
        "",
        "{% if %}",
        "{{ raise_exception('never') }}",
        "nothing of yours",
        "{{ messages[9].x }}",
        "{{ 1 / 0 }}",
        "{{ 'a' + 1 }}",
        "@@TRINAX000099-0@@",
    ],
)
def test_without_a_usable_template_the_layout_is_plain(source: str) -> None:
    assert text(ChatFormat(source), *TALK) == (
        "System: be kind\nUser: hello\nAssistant: hi\nUser: why?\nAssistant:"
    )


def test_a_plain_layout_stops_before_the_next_turn() -> None:
    assert "\nUser:" in ChatFormat("").stop
    assert ChatFormat(CHATML).stop == ()


def test_blocks_are_trimmed_as_transformers_does() -> None:
    source = (
        "{% for m in messages %}\n  {% if true %}\n{{ m.content }}\n  {% endif %}\n{% endfor %}"
    )
    assert text(ChatFormat(source), Message("user", "a")) == "a\n"


def test_json_keeps_letters_as_they_are() -> None:
    template = ChatFormat("{{ 'é<' | tojson }}{{ messages[0].content }}")
    rendered = template.prompt([Message("user", "a")])
    assert rendered.spans == (Span('"é<"', True), Span("a", False))


def test_training_marks_loops_and_dates_are_understood() -> None:
    source = (
        "{% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %}{% break %}"
        "{% endfor %}{{ strftime_now('%%') }}"
    )
    assert text(ChatFormat(source), Message("user", "a")) == "a%"


def test_a_template_cannot_reach_out() -> None:
    source = "{{ messages.__class__.__mro__ }}{{ messages[0].content }}"
    assert text(ChatFormat(source), Message("user", "a")) == "User: a\nAssistant:"
