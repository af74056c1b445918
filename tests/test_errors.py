import ast
import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from trinax import errors
from trinax.errors import TrinaxError


def tree(root: type[TrinaxError] = TrinaxError) -> Iterator[type[TrinaxError]]:
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from tree(child)


PACKAGE = Path(errors.__file__).parent
LEAVES = [error for error in tree() if not error.__subclasses__()]
EXAMPLES: dict[object, object] = {str: "notes", int: 3, float: 2.0}
# Their message comes whole, or is a clause.
FREE_TEXT = {
    errors.InvalidRequest,
    errors.Unauthorized,
    errors.Forbidden,
    errors.UnreadableDocument,
}


def example(leaf: type[TrinaxError]) -> TrinaxError:
    parameters = inspect.signature(leaf).parameters.values()
    make: Callable[..., TrinaxError] = leaf
    return make(*(EXAMPLES.get(parameter.annotation, ["b", "a"]) for parameter in parameters))


def test_every_leaf_has_its_own_code() -> None:
    codes = Counter(leaf.code for leaf in LEAVES)
    assert codes.most_common(1)[0][1] == 1
    assert TrinaxError.code not in codes


def test_a_malformed_request_is_invalid_request() -> None:
    assert errors.InvalidRequest("messages is empty", "messages").code == "invalid_request"


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_a_leaf_builds_a_message_of_one_line(leaf: type[TrinaxError]) -> None:
    message = str(example(leaf))
    assert re.fullmatch(r"[^\n]+" if leaf in FREE_TEXT else r"[^\n]+[.)]", message)


def test_the_docstring_draws_the_whole_tree() -> None:
    drawn = set(re.findall(r"[├└]─ (\w+)", errors.__doc__ or ""))
    assert drawn == {error.__name__ for error in tree()}


def test_only_leaves_are_raised() -> None:
    inner = {error.__name__ for error in tree()} - {leaf.__name__ for leaf in LEAVES}
    raised = [
        f"{path.name} raises {node.exc.func.id}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and isinstance(node.exc.func, ast.Name)
        and node.exc.func.id in inner
    ]
    assert raised == []


def test_a_parameter_that_cannot_be_honoured_is_named() -> None:
    error = errors.UnsupportedParameter("n", "this model writes one answer")
    assert error.param == "n"
    assert str(error) == "'n' cannot be honoured: this model writes one answer."


def test_a_busy_model_says_when_to_come_back() -> None:
    assert errors.Busy("Model 'tiny'", 2.4).retry_after_s == 2.4
    assert str(errors.Busy("Model 'tiny'", 2.4)) == "Model 'tiny' is busy; try again in 2 s."


def test_a_wrong_method_lists_the_right_ones_in_order() -> None:
    error = errors.MethodNotAllowed("PUT", "/v1/models", {"HEAD", "GET"})
    assert str(error) == "/v1/models does not take PUT; it takes GET, HEAD."
