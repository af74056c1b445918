"""What a document calls itself."""

import re
from pathlib import PurePosixPath

from trinax.documents import markdown, restructured

# The first statement of a Python file, when it is a string: its first line of words.
DOCSTRING = re.compile(r"(?:\s|#[^\n]*(?:\n|\Z))*+[rRuU]?(\"\"\"|'''|\"|')\s*([^\r\n]+)")
TITLE_CHARACTERS = 120


def title(file: str, kind: str, text: str) -> str:
    """The first heading, the module's docstring, or else the file's name without its suffix."""
    found = ""
    if kind == "markdown":
        found = markdown.title(text)
    elif kind == "rst":
        found = restructured.title(text)
    elif kind == "python" and (match := DOCSTRING.match(text)):
        found = match[2].split(match[1])[0].strip()
    return found[:TITLE_CHARACTERS] or PurePosixPath(file).stem
