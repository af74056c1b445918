from trinax.answering.history import MESSAGE_LIMIT_CHARACTERS, conversation
from trinax.models.ports import Message


def user(text: str) -> Message:
    return Message("user", text)


def assistant(text: str) -> Message:
    return Message("assistant", text)


def test_a_question_alone_has_no_history() -> None:
    talk = conversation([user("Why?")])
    assert (talk.question, talk.turns, talk.instructions) == ("Why?", (), "")


def test_at_most_four_earlier_turns_are_kept() -> None:
    messages = [m for n in range(6) for m in (user(f"q{n}"), assistant(f"a{n}"))]
    talk = conversation([*messages, user("now")])
    assert talk.earlier_questions == ("q2", "q3", "q4", "q5")
    assert talk.turns[0] == user("q2")
    assert talk.turns[-1] == assistant("a5")


def test_system_texts_are_joined_wherever_they_stand() -> None:
    talk = conversation([Message("system", "A"), user("q"), Message("system", "B"), user("now")])
    assert talk.instructions == "A\n\nB"
    assert talk.turns == (user("q"),)


def test_a_long_turn_keeps_its_beginning_and_its_end() -> None:
    long = "begin " + "x" * 5000 + " end"
    (turn,) = conversation([user(long), user("now")]).turns
    assert len(turn.content) <= MESSAGE_LIMIT_CHARACTERS
    assert turn.content.startswith("begin")
    assert turn.content.endswith("end")
    assert "[…]" in turn.content


def test_the_question_itself_is_never_cut() -> None:
    assert conversation([user("x" * 5000)]).question == "x" * 5000


def test_empty_turns_are_left_out() -> None:
    assert conversation([user("q"), assistant(""), user("now")]).turns == (user("q"),)
