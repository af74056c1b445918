import pytest

from trinax.documents.syntax import GRAMMARS, definitions


def test_definitions_are_given_in_bytes() -> None:
    source = "x = '日本'\ndef ä():\n    pass\n".encode()
    (found,) = definitions("python", source)
    assert source[found.start : found.end].startswith(b"def")
    assert found.name == "ä"


def test_a_decorated_definition_starts_at_its_decorator() -> None:
    (found,) = definitions("python", b"@cache\ndef f(): ...\n")
    assert found.start == 0


def test_a_pointer_function_is_called_by_its_name() -> None:
    (found,) = definitions("c", b"static char **split(const char *s) { return 0; }")
    assert found.name == "split"


@pytest.mark.parametrize("kind", GRAMMARS)
def test_noise_is_no_error(kind: str) -> None:
    definitions(kind, bytes(range(1, 128)) * 20)
    definitions(kind, b"")
