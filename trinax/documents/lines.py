"""Where code and data may be cut: between lines, better outside than inside a nested block."""

from trinax.documents.positions import line_starts

INDENT = 0.025  # a column of indentation
INDENT_COLUMNS = 32  # deeper costs no more
TAB_COLUMNS = 4
CROWDED = 0.1  # no blank line before
CLOSING = 0.5  # a line that only closes what is above
CLOSERS = (")", "]", "}", "end", "else", "</")


def borders(text: str) -> dict[int, float]:
    """Offset and price of the start of every line that is not blank.

    Blank lines belong to the line above, those at the top to the first line.
    """
    found: dict[int, float] = {}
    after_blank = True
    starts = line_starts(text)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        line = text[start:end]
        content = line.lstrip()
        if not content:
            after_blank = True
            continue
        columns = len(line) - len(content)
        if columns:
            columns += (TAB_COLUMNS - 1) * line.count("\t", 0, columns)
        price = INDENT * min(columns, INDENT_COLUMNS)
        if not after_blank:
            price += CROWDED
        if content.startswith(CLOSERS):
            price += CLOSING
        found[start] = price
        after_blank = False
    return found
