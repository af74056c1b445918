from tests.answering.grounding.sources import carriers
from trinax.answering.grounding.binding import Binder, Judge
from trinax.answering.grounding.shown import Shown
from trinax.models.ports import CallPiece, Finish, GenerationEvent, Piece, TokenLogprob

END = Finish("stop", 1, 1)
BINDER = Binder(carriers())


def told(judge: Judge | None, *events: GenerationEvent) -> list[GenerationEvent]:
    shown = Shown(judge)
    return [out for event in events for out in shown.events(event)]


def token(text: str) -> TokenLogprob:
    return TokenLogprob(text, text.encode(), -0.5)


def test_citations_of_nothing_are_taken_out() -> None:
    assert told(BINDER, Piece("Penguins swim [9]"), END) == [Piece("Penguins swim"), END]


def test_what_a_sentence_lacks_comes_with_the_end() -> None:
    said = Piece("The keeper is Marta Lindqvist")
    assert told(BINDER, said, END) == [said, Piece(" [1]"), END]


def test_brackets_are_left_alone_where_nothing_is_cited() -> None:
    assert told(None, Piece("xs[9]"), END) == [Piece("xs[9]"), END]


def test_reasoning_is_not_judged() -> None:
    thought = Piece("maybe [9]", channel="reasoning")
    assert told(BINDER, thought, END) == [thought, END]


def test_log_probabilities_come_with_their_text() -> None:
    said = Piece("Marta is the keeper")
    tokens = [token(" ["), token("1"), token("]")]
    pieces = [Piece(each.token, logprobs=(each,)) for each in tokens]
    assert told(BINDER, said, *pieces, END) == [said, Piece(" [1]", logprobs=tuple(tokens)), END]


def test_log_probabilities_of_what_was_taken_out_are_kept() -> None:
    taken = token(" [9]")
    assert told(BINDER, Piece(" [9]", logprobs=(taken,)), END) == [
        Piece("", logprobs=(taken,)),
        END,
    ]


def test_log_probabilities_are_those_of_the_answer() -> None:
    thought = Piece("hm", channel="reasoning", logprobs=(token("hm"),))
    assert told(None, thought, END) == [Piece("hm", channel="reasoning"), END]


def test_what_was_held_back_comes_before_a_call() -> None:
    call = CallPiece(0, "", "a", "read")
    assert told(BINDER, Piece("See ["), call, END) == [Piece("See"), Piece(" ["), call, END]


def test_the_text_and_the_calls_are_remembered() -> None:
    shown = Shown(BINDER)
    for event in (Piece("A [9]"), Piece("x", channel="reasoning"), CallPiece(0, "{}"), END):
        list(shown.events(event))
    assert (shown.text, shown.called) == ("A", True)
