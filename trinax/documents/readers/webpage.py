"""HTML as readable text in Markdown's shape, by selectolax."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from trinax.documents.readers.extracted import Extracted, fenced

# What a reader of the page never sees, or uses only to get elsewhere.
DROPPED_TAGS = (
    *("script", "style", "noscript", "template", "svg", "canvas", "iframe", "object", "embed"),
    *("nav", "button", "select", "input", "textarea"),
)
DROPPED = "[role=navigation], [role=search], a.headerlink, body > footer"

# What a page marks as its content counts as such if it holds this share of the words.
MAIN = "main, [role=main]"
MAIN_SHARE = 0.5

# Tags that stand on lines of their own, and those with blank lines around them.
LIST_TAGS = {"ul", "ol"}
CELL_TAGS = {"td", "th"}
HEADING_TAGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
LINE_TAGS = {"dd", "dt", "option", "tr", "caption"}
PARAGRAPH_TAGS = {
    *("address", "article", "aside", "blockquote", "body", "details", "div", "dl", "fieldset"),
    *("figcaption", "figure", "footer", "form", "header", "hr", "main", "p", "pre", "section"),
    *("summary", "table", *HEADING_TAGS, *LIST_TAGS),
}
# A table with any of these inside arranges the page and is no table of facts.
ARRANGING = "table, h1, h2, h3, h4, h5, h6, pre, ul, ol, article, section"

# Lists within lists beyond this are shown as if they were no deeper.
DEEPEST = 16

SPACES = re.compile(r"[ \t\r\n\f]+")


def page(html: str) -> Extracted:
    """What a person reads on the page."""
    tree = LexborHTMLParser(html)
    title = tree.css_first("title") or tree.css_first("h1")
    words = SPACES.sub(" ", title.text()).strip() if title else ""
    tree.strip_tags(list(DROPPED_TAGS), recursive=True)
    for node in tree.css(DROPPED):
        node.decompose()
    body = tree.body or tree.root
    if body is None:
        return Extracted("", words)
    main = body.css_first(MAIN)
    if main is not None and len(main.text()) >= MAIN_SHARE * len(body.text()):
        body = main
    writer = _Writer()
    for node, opens in _walk(body):
        (writer.open if opens else writer.close)(node)
    return Extracted(writer.text(), words)


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Every node below root when it opens and when it closes, however deep the page nests."""
    path: list[LexborNode] = []
    node = root.first_child
    while node is not None or path:
        if node is None:
            node = path.pop()
            yield node, False
            node = node.next
            continue
        yield node, True
        path.append(node)
        node = node.first_child


def _arranges(table: LexborNode) -> bool:
    # Part by part, and each only to its first match: tables nest by the thousand.
    return any(part.css_first(ARRANGING) is not None for part in table.iter())


class _Writer:
    """Puts a page's nodes into lines."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._owed = 0  # line ends that the next words want before them
        self._fresh = True  # after a bullet or a bar, where no line may end
        self._code: list[str] | None = None  # inside <pre>
        self._lists = 0
        self._table: LexborNode | None = None

    def text(self) -> str:
        return "".join(self._pieces).strip()

    def open(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if node.is_text_node:
            self._words(node.text_content or "")
        elif tag == "img":
            self._words(node.attributes.get("alt") or "")
        elif tag == "br":
            self._words("\n") if self._code is not None else self._break(1)
        elif tag == "pre" and self._table is None:
            self._break(2)
            self._code = []
        elif self._code is None:
            self._block(node, tag)

    def close(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if self._code is not None:
            if tag == "pre":
                self._write(fenced("".join(self._code)))
                self._code = None
                self._break(2)
            return
        if tag in LIST_TAGS:
            self._lists -= 1
        elif tag in HEADING_TAGS and self._fresh:
            self._take_back_mark()
        elif tag in CELL_TAGS and self._table is not None:
            self._mark("|" if self._pieces[-1].endswith(" ") else " |")
        elif self._table is not None and node.mem_id == self._table.mem_id:
            self._table = None
        self._ends(tag)

    def _block(self, node: LexborNode, tag: str) -> None:
        self._ends(tag)
        if tag in LIST_TAGS:
            self._lists += 1
        elif tag == "li" and self._table is None:
            self._fresh = False
            self._break(1)
            self._mark("  " * (min(self._lists, DEEPEST) - 1) + "- ")
        elif tag in HEADING_TAGS and self._table is None:
            self._mark("#" * int(tag[1]) + " ")
        elif tag == "table" and self._table is None and not _arranges(node):
            self._table = node
        elif tag in CELL_TAGS and self._table is not None:
            self._mark("| " if self._owed else " ")

    def _ends(self, tag: str) -> None:
        if self._table is not None:
            if tag == "tr":
                self._fresh = False
                self._break(1)
            elif tag in PARAGRAPH_TAGS:
                self._words(" ")
        elif tag in PARAGRAPH_TAGS:
            self._break(1 if tag in LIST_TAGS and self._lists else 2)
        elif tag in LINE_TAGS or tag in CELL_TAGS:
            self._break(1)

    def _break(self, line_ends: int) -> None:
        if not self._fresh:
            self._owed = max(self._owed, line_ends)

    def _mark(self, mark: str) -> None:
        self._write(mark)
        self._fresh = True

    def _take_back_mark(self) -> None:
        """Of a heading without words, which would make one of what follows."""
        if self._pieces and self._pieces[-1].startswith("#"):
            self._pieces.pop()
            if self._pieces and not self._pieces[-1].strip("\n"):
                self._owed = len(self._pieces.pop())
            self._fresh = not self._pieces

    def _words(self, words: str) -> None:
        if self._code is not None:
            self._code.append(words)
            return
        words = SPACES.sub(" ", words)
        if self._owed or not self._pieces or self._pieces[-1].endswith(" "):
            words = words.lstrip(" ")
        if words:
            self._write(words)

    def _write(self, words: str) -> None:
        if self._owed and self._pieces:
            self._pieces[-1] = self._pieces[-1].rstrip(" ")
            self._pieces.append("\n" * self._owed)
        self._pieces.append(words)
        self._owed = 0
        self._fresh = False
