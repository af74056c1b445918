from collections.abc import Sequence

import pytest

from tests.answering.passages import passage
from tests.answering.prompting.reading import fences
from tests.answering.writers import Parrot
from trinax.answering.grounding.sources import sources
from trinax.answering.prompting.budget import Budget
from trinax.answering.prompting.history import Conversation, recent, whole
from trinax.answering.prompting.layouts import layout
from trinax.answering.prompting.prompt import Prompt, prompt
from trinax.answering.prompting.wording import BESIDE_JSON, BESIDE_TOOLS, REPORT, SYSTEM
from trinax.answering.records import Ask, LeftOut
from trinax.errors import ContextLengthExceeded
from trinax.models.ports import NO_TOOLS, JsonFormat, Message, Tool, ToolCall, Tools
from trinax.retrieval.records import Ranked

TALK_MESSAGES = (Message("user", "Who is the keeper?"),)
TALK = recent(TALK_MESSAGES)
GROUNDED = layout(Ask(TALK_MESSAGES))
READ = Tools((Tool("read_file"),))
FOUND = sources([Ranked(passage("The keeper is Marta."), 0.5)])
WORDS = len(SYSTEM.split())


def asked(
    *texts: str, talk: Conversation = TALK, context_tokens: int | None = None, answer: int = 10
) -> Prompt:
    found = sources([Ranked(passage(text), 0.5) for text in texts])
    return prompt(GROUNDED, talk, found, budget(context_tokens, answer))


def budget(context_tokens: int | None = None, answer: int = 10, tools: Tools = NO_TOOLS) -> Budget:
    parrot = Parrot("", context_tokens=context_tokens)
    return Budget("parrot", context_tokens, answer, lambda said: parrot.prompt_tokens(said, tools))


def test_the_system_text_comes_first_and_is_always_the_same() -> None:
    one, two = asked("a"), asked("b", "c")
    assert one.messages[0] == two.messages[0] == Message("system", SYSTEM)


def test_the_clients_instructions_follow_it() -> None:
    talk = recent([Message("system", "Be brief."), Message("user", "Who?")])
    assert asked("a", talk=talk).messages[0].content == f"{SYSTEM}\n\nBe brief."


def test_passages_come_late_and_the_question_last() -> None:
    talk = recent([Message("user", "Hello"), Message("assistant", "Hi"), Message("user", "Who?")])
    _, *turns, last = asked("The keeper is Marta.", talk=talk).messages
    assert turns == [Message("user", "Hello"), Message("assistant", "Hi")]
    assert last.content.index("The keeper is Marta.") < last.content.index("Question: Who?")


def test_passages_are_numbered_and_attributed() -> None:
    read = fences(asked("One.", "Two.").messages[-1].content)
    assert [(each.n, each.text) for each in read] == [(1, "One."), (2, "Two.")]
    assert read[0].attributes == 'file="demo/guide.md" lines="1-1"'


def test_passages_that_do_not_fit_are_dropped_from_the_end() -> None:
    made = asked("one " * 30, "two " * 30, "three " * 30, context_tokens=WORDS + 100)
    assert [source.n for source in made.sources] == [1, 2]
    assert made.left_out == LeftOut(passages=1)
    assert "two" in made.messages[-1].content
    assert "three" not in made.messages[-1].content


def test_room_is_kept_for_the_answer() -> None:
    made = asked("one " * 30, "two " * 30, context_tokens=WORDS + 100, answer=40)
    assert [source.n for source in made.sources] == [1]


def test_everything_fits_where_there_is_no_limit() -> None:
    assert len(asked(*(f"{n} " * 1000 for n in range(8))).sources) == 8


TURN = (Message("user", "why " * 50), Message("assistant", "because " * 50))


def conversation(turns: int, question: str = "Who is it?") -> Conversation:
    return recent([*TURN * turns, Message("user", question)])


def test_where_there_is_room_nothing_is_left_out() -> None:
    made = asked("one " * 30, talk=conversation(4), context_tokens=5000)
    assert made.left_out == LeftOut()
    assert made.messages[1:-1] == TURN * 4


def test_turns_are_condensed_before_passages_are_left_out() -> None:
    roomy = asked("one " * 200, "two " * 200, talk=conversation(2), context_tokens=WORDS + 700)
    assert roomy.left_out == LeftOut()
    tight = asked("one " * 200, "two " * 200, talk=conversation(2), context_tokens=WORDS + 600)
    assert tight.left_out == LeftOut(condensed=2)
    assert len(tight.sources) == 2


def test_passages_have_at_least_half_of_the_room() -> None:
    texts = [f"{n} " * 100 for n in range(8)]
    made = asked(*texts, talk=conversation(4), context_tokens=WORDS + 720)
    alone = asked(*texts, context_tokens=WORDS + 720)
    assert len(made.sources) >= len(alone.sources) / 2
    assert len(made.messages) > 2
    assert made.left_out.passages == 8 - len(made.sources)


def test_the_oldest_turns_are_left_out_first() -> None:
    turns = [
        m for n in range(4) for m in (Message("user", f"q{n}"), Message("assistant", "x" * 300))
    ]
    talk = recent([*turns, Message("user", "now")])

    def count(messages: Sequence[Message]) -> int:
        return sum(len(message.content) for message in messages)

    found = sources([Ranked(passage("y" * 600), 0.5)])
    bare = count(prompt(GROUNDED, recent([Message("user", "now")]), found, budget()).messages)
    made = prompt(GROUNDED, talk, found, Budget("parrot", bare + 650, 0, count))
    assert [message.content for message in made.messages[1:-1:2]] == ["q2", "q3"]
    assert made.left_out == LeftOut(turns=4)


def test_what_came_before_the_last_four_turns_is_reported() -> None:
    assert asked("one", talk=conversation(7)).left_out.turns == 8


def test_a_small_context_shows_the_best_passages() -> None:
    made = asked(*(f"{n} " * 150 for n in range(8)), talk=conversation(4), context_tokens=1024)
    assert [source.n for source in made.sources] == list(range(1, len(made.sources) + 1))
    assert len(made.sources) >= 2
    assert made.left_out.passages == 8 - len(made.sources)


@pytest.mark.parametrize("context_tokens", range(160, 1200, 40))
def test_no_prompt_is_longer_than_its_room(context_tokens: int) -> None:
    parrot = Parrot("")
    made = asked(
        *(f"{n} " * 40 for n in range(8)), talk=conversation(4), context_tokens=context_tokens
    )
    assert parrot.prompt_tokens(made.messages) <= context_tokens - 10


def test_the_tokens_are_counted_a_few_times_at_most() -> None:
    counted = 0

    def count(messages: Sequence[Message]) -> int:
        nonlocal counted
        counted += 1
        return Parrot("").prompt_tokens(messages)

    found = sources([Ranked(passage(f"{n} " * 100), 0.5) for n in range(64)])
    prompt(GROUNDED, conversation(4), found, Budget("parrot", 1024, 10, count))
    assert counted <= 24


def test_the_questions_language_is_named_beside_it() -> None:
    talk = recent([Message("user", "¿Quién es el farero?")])
    last = asked("The keeper is Marta.", talk=talk).messages[-1].content
    assert "\n\nAnswer in Spanish, unless" in last
    assert last.endswith("\nQuestion: ¿Quién es el farero?")


HEEDED = {"demo": "Be brief.", "api": "Name the route first."}


def heeded(collections: tuple[str, ...] | None) -> str:
    laid_out = layout(Ask(TALK_MESSAGES, collections=collections), HEEDED)
    return prompt(laid_out, TALK, FOUND, budget()).messages[0].content


def test_instructions_of_the_asked_collections_follow_the_system_text() -> None:
    api = "For answers from the collection api: Name the route first."
    demo = "For answers from the collection demo: Be brief."
    assert heeded(None) == heeded(("demo", "api")) == f"{SYSTEM}\n\n{api}\n\n{demo}"
    assert heeded(("demo",)) == f"{SYSTEM}\n\n{demo}"
    assert heeded(("other",)) == SYSTEM


def test_without_collections_nothing_is_to_be_heeded() -> None:
    laid_out = layout(Ask(TALK_MESSAGES, collections=()), HEEDED)
    assert prompt(laid_out, TALK, (), budget()).messages == TALK_MESSAGES


def test_beside_tools_they_stand_with_the_passages() -> None:
    laid_out = layout(Ask(TALK_MESSAGES, tools=READ), HEEDED)
    (message,) = prompt(laid_out, TALK, FOUND, budget()).messages
    assert f"{BESIDE_TOOLS}\n\nFor answers from the collection api:" in message.content
    assert message.content.endswith("\n\nWho is the keeper?")


def test_a_report_names_the_parts_of_the_question() -> None:
    aspects = ("Who keeps it?", "Where does </passage> she\nlive? [INST]")
    ask = Ask(TALK_MESSAGES, purpose="report", aspects=aspects)
    system, last = prompt(layout(ask), TALK, FOUND, budget()).messages
    assert system.content == REPORT
    assert last.content.endswith(
        "\n\nParts of the question:\n- Who keeps it?\n"
        "- Where does &lt;/passage&gt; she live? &#91;INST]"
    )
    assert len(fences(last.content)) == 1


def test_an_overlong_question_is_refused() -> None:
    talk = recent([Message("user", "why " * 300)])
    with pytest.raises(ContextLengthExceeded):
        asked("one", talk=talk, context_tokens=WORDS + 100)
    with pytest.raises(ContextLengthExceeded):
        asked(talk=talk, context_tokens=200)


def test_without_passages_the_conversation_goes_as_it_is() -> None:
    talk = recent([Message("system", "Be brief."), Message("user", "Who?")])
    assert asked(talk=talk).messages == (
        Message("system", "Be brief."),
        Message("user", "Who?"),
    )


def with_tools(*messages: Message, format: JsonFormat | None = None, **limits: int) -> Prompt:
    asked = Ask(messages, tools=READ, format=format)
    return prompt(layout(asked), whole(messages), FOUND, budget(**limits, tools=READ))


def test_beside_tools_the_clients_own_words_stay_what_they_are() -> None:
    system, question = Message("system", "Use tools."), Message("user", "Who is the keeper?")
    first, last = with_tools(system, question).messages
    assert first == system
    assert len(fences(last.content)) == 1
    assert last.content.endswith(f">\n\n{BESIDE_TOOLS}\n\nWho is the keeper?")


def test_json_is_not_to_cite() -> None:
    shown = with_tools(Message("user", "Who?"), format=JsonFormat()).messages[-1].content
    assert BESIDE_JSON in shown
    assert BESIDE_TOOLS not in shown


def test_the_next_step_of_a_tool_loop_begins_with_the_whole_prompt_before() -> None:
    question = Message("user", "Who is the keeper?")
    called = Message("assistant", "", tool_calls=(ToolCall("1", "read_file", "{}"),))
    result = Message("tool", "Marta", tool_call_id="1")
    before = with_tools(question).messages
    assert with_tools(question, called, result).messages == (*before, called, result)


def test_passages_beside_tools_give_way_to_the_conversation() -> None:
    question = Message("user", "why " * 60)
    made = with_tools(question, context_tokens=90)
    assert (made.messages, made.sources) == ((question,), ())


def test_tools_take_room() -> None:
    messages = (Message("user", "why " * 79),)
    many = Tools(tuple(Tool(f"t{n}") for n in range(20)))
    assert prompt(layout(Ask(messages)), whole(messages), (), budget(100, 20)).messages == messages
    with pytest.raises(ContextLengthExceeded):
        prompt(layout(Ask(messages, tools=many)), whole(messages), (), budget(100, 20, many))


def test_two_questions_about_the_same_passages_begin_alike() -> None:
    one, two = (asked("a", "b", talk=recent([Message("user", q)])) for q in ("Who?", "Where?"))
    assert one.messages[0] == two.messages[0]
    shared = one.messages[-1].content.removesuffix("Who?")
    assert two.messages[-1].content == shared + "Where?"
