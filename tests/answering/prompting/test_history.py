from trinax.answering.prompting.history import (
    MESSAGE_LIMIT_CHARACTERS,
    Remembered,
    recent,
    ways,
    whole,
)
from trinax.models.ports import Message, ToolCall


def user(text: str) -> Message:
    return Message("user", text)


def assistant(text: str) -> Message:
    return Message("assistant", text)


def test_a_question_alone_has_no_history() -> None:
    talk = recent([user("Why?")])
    assert (talk.question, talk.turns, talk.instructions) == ("Why?", (), "")


def test_at_most_four_earlier_turns_are_kept() -> None:
    messages = [m for n in range(6) for m in (user(f"q{n}"), assistant(f"a{n}"))]
    talk = recent([*messages, user("now")])
    assert talk.earlier_questions == ("q2", "q3", "q4", "q5")
    assert talk.turns[0] == user("q2")
    assert talk.turns[-1] == assistant("a5")


def test_system_texts_are_joined_wherever_they_stand() -> None:
    talk = recent([Message("system", "A"), user("q"), Message("system", "B"), user("now")])
    assert talk.instructions == "A\n\nB"
    assert talk.turns == (user("q"),)


def first(*messages: Message) -> Remembered:
    """The fullest way to show a conversation."""
    return next(ways(recent([*messages, user("now")])))


def test_what_is_forgotten_is_counted() -> None:
    messages = [m for n in range(6) for m in (user(f"q{n}"), assistant(f"a{n}"))]
    shown = first(assistant("Welcome!"), *messages)
    assert shown.talk.turns[0] == user("q2")
    assert (shown.turns, shown.condensed) == (5, 0)


def test_long_turns_are_condensed_more_and_more_and_then_left_out() -> None:
    long = "begin " + "word " * 2000 + "end"
    talk = recent([*[user(long), assistant(long)] * 4, user("now")])
    shown = list(ways(talk))
    sizes = [sum(len(message.content) for message in way.talk.turns) for way in shown]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] <= 8 * MESSAGE_LIMIT_CHARACTERS
    assert [(way.turns, way.condensed) for way in shown] == [
        *[(0, 8)] * 3,
        (4, 4),
        (6, 2),
        (8, 0),
    ]
    assert shown[0].talk.turns[0].content.startswith("begin")
    assert shown[0].talk.turns[0].content.endswith("end")


def test_short_turns_are_shown_in_one_way_or_left_out() -> None:
    shown = list(ways(recent([user("q"), assistant("a"), user("now")])))
    assert [way.turns for way in shown] == [0, 2]
    assert shown[0].talk.turns == (user("q"), assistant("a"))


def test_earlier_citations_are_left_out_but_not_code() -> None:
    said = "Marta [1][2] repairs it [3, 4].\n\n    `xs[1]` and\n```\nys[2]\n```\n【5†x】"
    shown = first(user("see [1]"), assistant(said)).talk.turns
    assert shown[0] == user("see [1]")
    assert shown[1].content == "Marta repairs it.\n\n    `xs[1]` and\n```\nys[2]\n```\n"


def test_calls_and_their_results_stay_whole() -> None:
    called = Message("assistant", "x [1] " * 900, tool_calls=(ToolCall("1", "read", "{}"),))
    result = Message("tool", "y " * 5000, tool_call_id="1")
    talk = recent([user("q"), called, result, user("now")])
    assert [len(message.content) for message in next(ways(talk)).talk.turns[1:]] == [
        len("x " * 900),
        len(result.content),
    ]


def test_long_earlier_questions_inform_retrieval_by_their_ends() -> None:
    (question,) = recent([user("begin " + "x" * 5000 + " end"), user("now")]).earlier_questions
    assert len(question) <= MESSAGE_LIMIT_CHARACTERS
    assert question.startswith("begin")
    assert question.endswith("end")


def test_the_question_itself_is_never_cut() -> None:
    assert recent([user("x" * 5000)]).question == "x" * 5000


def test_empty_turns_are_left_out() -> None:
    assert recent([user("q"), assistant(""), user("now")]).turns == (user("q"),)


def test_turns_are_forgotten_in_pairs() -> None:
    def oldest(earlier: int) -> Message:
        messages = [m for n in range(earlier) for m in (user(f"q{n}"), assistant(f"a{n}"))]
        return recent([*messages, user("now")]).turns[0]

    assert [oldest(n).content for n in range(4, 10)] == ["q0", "q2", "q2", "q4", "q4", "q6"]


def test_a_whole_conversation_is_kept_as_it_was_sent() -> None:
    long = "x" * 5000
    talk = whole([user(long), assistant(""), *[user("q")] * 9, user("now")])
    assert talk.turns == (user(long), assistant(""), *[user("q")] * 9)
    assert talk.question == "now"
    assert talk.earlier_questions == ("q", "q", "q", "q")


def test_what_tools_gave_back_follows_the_question() -> None:
    called = Message("assistant", "", tool_calls=(ToolCall("1", "read", "{}"),))
    result = Message("tool", "text", tool_call_id="1")
    talk = whole([user("q"), assistant("a"), user("now"), called, result])
    assert talk.question == "now"
    assert talk.turns == (user("q"), assistant("a"))
    assert talk.following == (called, result)
