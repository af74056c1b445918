"""Word files, by mammoth."""

import re
from io import BytesIO
from itertools import count

from trinax.documents.readers import markup, openxml, webpage
from trinax.documents.readers.extracted import Extracted
from trinax.errors import UnreadableDocument

WHAT = "a Word file"

# Beside mammoth's own. A table of contents repeats the headings.
STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name^='toc '] => !
p[style-name^='TOC '] => !
"""

# mammoth parses these itself, and would expand entities.
PARSED = ("word/", "_rels/", "[Content_Types]")

NOTE = re.compile(r'<li id="(?:foot|end)note-[^"]*">(?:<p>\s*)?')
NOTE_BACK = re.compile(r' ?<a href="#(?:foot|end)note-ref-[^"]*">↑</a>')

# mammoth checks little: what a made-up file lacks is missed where it is first used.
UNEXPECTED = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, OSError)


def extracted(data: bytes) -> Extracted:
    """Raises UnreadableDocument."""
    parts = openxml.archive(data, WHAT, ".docx")
    for name in parts.names():
        if name.startswith(PARSED) and name.endswith((".xml", ".rels")):
            markup.check(parts.part(name))
    try:
        html = _html(data)
    except RecursionError as exc:
        raise UnreadableDocument(f"{WHAT} that nests too deeply") from exc
    except UNEXPECTED as exc:
        raise parts.broken() from exc
    return Extracted(webpage.page(html).text, openxml.title(parts))


def _html(data: bytes) -> str:
    # 65 ms, which a process that reads other files need not spend.
    import mammoth

    made = mammoth.convert_to_html(
        BytesIO(data),
        style_map=STYLES,
        include_embedded_style_map=False,
        convert_image=mammoth.images.img_element(lambda _: {}),
    )
    numbers = count(1)
    html = NOTE_BACK.sub("", str(made.value)).replace("</p></li>", "</li>")
    return NOTE.sub(lambda _: f"<li>[{next(numbers)}] ", html)
