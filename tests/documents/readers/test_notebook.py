import json
from collections.abc import Mapping

import pytest

from tests.documents.documents import words
from trinax.documents.chunking import Limits, chunks
from trinax.documents.readers.notebook import OUTPUT_CHARACTERS, extracted
from trinax.documents.reading import document
from trinax.errors import UnreadableDocument

LANGUAGE = {"kernelspec": {"name": "python3", "language": "python"}}


def _notebook(*cells: dict[str, object], **metadata: object) -> bytes:
    return json.dumps(
        {"cells": cells, "metadata": LANGUAGE | metadata, "nbformat": 4, "nbformat_minor": 5}
    ).encode()


def _code(source: object, *outputs: Mapping[str, object]) -> dict[str, object]:
    return {"cell_type": "code", "source": source, "outputs": outputs}


def _markdown(source: object) -> dict[str, object]:
    return {"cell_type": "markdown", "source": source}


def test_cells_stand_in_order_with_code_in_fences() -> None:
    data = _notebook(_markdown(["# Owls\n", "They hunt."]), _code("x = 1\nprint(x)\n"))
    assert extracted(data).text == "# Owls\nThey hunt.\n\n```python\nx = 1\nprint(x)\n```"


def test_what_was_printed_is_kept_and_pictures_are_not() -> None:
    outputs = (
        {"output_type": "stream", "name": "stdout", "text": ["a\n", "\x1b[31mb\x1b[0m\n"]},
        {"output_type": "execute_result", "data": {"text/plain": "42", "text/html": "<b>42</b>"}},
        {"output_type": "display_data", "data": {"image/png": "QQ==", "text/plain": "<Figure>"}},
        {"output_type": "error", "ename": "ValueError", "evalue": "no owl", "traceback": ["…"]},
    )
    assert extracted(_notebook(_code("", *outputs))).text == (
        "```\na\nb\n```\n\n```\n42\n```\n\n```\nValueError: no owl\n```"
    )


def test_long_output_is_cut() -> None:
    output = {"output_type": "stream", "text": "x" * 3 * OUTPUT_CHARACTERS}
    assert len(extracted(_notebook(_code("1", output))).text) < OUTPUT_CHARACTERS + 50


def test_a_fence_is_longer_than_those_in_the_cell() -> None:
    assert extracted(_notebook(_code("'```'"))).text.startswith("````python\n")


def test_cells_of_old_notebooks_are_found() -> None:
    cells = [{"cell_type": "code", "input": "x = 1", "outputs": []}]
    data = json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}).encode()
    assert extracted(data).text == "```\nx = 1\n```"


def test_chunks_have_the_headings_of_the_cells_above_as_context() -> None:
    code = "\n".join(f"value_{n} = compute({n})" for n in range(20))
    data = _notebook(
        _markdown("# Owls"), _markdown(f"## Hunting\n{words(90)}"), _code(code), _code(code)
    )
    made = document(data, "a.ipynb")
    found = chunks(made, "test", Limits())
    assert made.title == "Owls"
    assert found[-1].context == "Owls › Hunting"
    assert found[-1].text == f"```python\n{code}\n```"


def test_halves_of_characters_are_replaced() -> None:
    data = b'{"cells": [{"cell_type": "markdown", "source": "\\ud800 x"}]}'
    assert extracted(data).text == "\N{REPLACEMENT CHARACTER} x"


@pytest.mark.parametrize(
    "data",
    [
        b'{"cells": 5}',
        b'{"cells": [5, {"cell_type": 1, "source": {}, "outputs": {}}, {"cell_type": "code"}]}',
        b"[]",
        b'{"metadata": [], "worksheets": {}}',
        b'{"cells": [{"cell_type": "code", "outputs": [1, {"data": []}, {"text": {}}]}]}',
    ],
)
def test_what_is_none_of_a_notebook_gives_no_text(data: bytes) -> None:
    assert extracted(data).text.strip() == ""


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b"\xff\xfe\x00", b"\x80"])
def test_broken_notebooks_are_refused(data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="notebook"):
        extracted(data)
