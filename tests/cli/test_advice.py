import shlex

import click
import pytest

from trinax import errors
from trinax.cli import main
from trinax.cli.advice import NEXT, Declined, told
from trinax.cli.running import Refused
from trinax.errors import CollectionNotFound, UnreadableDocument


def codes() -> set[str]:
    kinds = (each for each in vars(errors).values() if isinstance(each, type))
    return {each.code for each in kinds if issubclass(each, errors.TrinaxError)}


@pytest.mark.parametrize("code", sorted(NEXT))
def test_advice_is_for_an_error_that_there_is(code: str) -> None:
    assert code in codes()


@pytest.mark.parametrize("command", sorted(set(NEXT.values())))
def test_advice_can_be_typed(command: str) -> None:
    program, *words = shlex.split(command)
    assert program == "trinax"
    given: click.Command = main
    while isinstance(given, click.Group) and words:
        given = given.commands[words.pop(0)]
    assert not isinstance(given, click.Group)
    if words != ["--help"]:
        given.make_context("trinax", words, resilient_parsing=False)


def test_a_failure_says_what_to_type() -> None:
    assert told(CollectionNotFound("x")).splitlines()[1:] == ["Try 'trinax collections list'."]


def test_a_servers_error_says_what_to_type() -> None:
    assert told(Declined("No model.", "model_not_found")) == (
        "No model.\nTry 'trinax models list'."
    )


@pytest.mark.parametrize(
    "failure", [Refused("Gone."), Declined("Gone.", ""), Declined("Gone.", "new")]
)
def test_without_advice_the_words_are_all(failure: Refused) -> None:
    assert told(failure) == "Gone."


def test_an_error_without_advice_is_its_words() -> None:
    error = UnreadableDocument("no text")
    assert told(error) == str(error)
