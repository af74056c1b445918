from trinax.answering.prompting.history import MESSAGE_LIMIT_CHARACTERS, recent, whole
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


def test_a_long_turn_keeps_its_beginning_and_its_end() -> None:
    long = "begin " + "x" * 5000 + " end"
    (turn,) = recent([user(long), user("now")]).turns
    assert len(turn.content) <= MESSAGE_LIMIT_CHARACTERS
    assert turn.content.startswith("begin")
    assert turn.content.endswith("end")
    assert "[…]" in turn.content


def test_the_question_itself_is_never_cut() -> None:
    assert recent([user("x" * 5000)]).question == "x" * 5000


def test_empty_turns_are_left_out() -> None:
    assert recent([user("q"), assistant(""), user("now")]).turns == (user("q"),)


def test_turns_are_forgotten_in_pairs() -> None:
    def first(earlier: int) -> Message:
        messages = [m for n in range(earlier) for m in (user(f"q{n}"), assistant(f"a{n}"))]
        return recent([*messages, user("now")]).turns[0]

    assert [first(n).content for n in range(4, 10)] == ["q0", "q2", "q2", "q4", "q4", "q6"]


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
