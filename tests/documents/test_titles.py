import pytest

from trinax.documents.titles import title


@pytest.mark.parametrize(
    ("file", "kind", "text", "expected"),
    [
        ("a.md", "markdown", "intro\n\n# The *title*\n\n## Sub\n", "The title"),
        ("a.md", "markdown", "```\n# no\n```\n", "a"),
        ("a.md", "markdown", "Title\n=====\n", "Title"),
        ("a.rst", "rst", "=====\nTitle\n=====\n\ntext", "Title"),
        ("p/mod.py", "python", '#!/x\n# c\n\n"""What it does.\n\nMore."""\n', "What it does."),
        ("p/mod.py", "python", "r'''Raw.'''\n", "Raw."),
        ("p/mod.py", "python", "x = 'not it'\n", "mod"),
        ("p/mod.py", "python", "", "mod"),
        ("notes.v2.txt", "text", "anything", "notes.v2"),
    ],
)
def test_a_document_names_itself_or_is_called_by_its_file(
    file: str, kind: str, text: str, expected: str
) -> None:
    assert title(file, kind, text) == expected
