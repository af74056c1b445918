"""What a prompt's fences hold, read back."""

import re
from dataclasses import dataclass

OUTER = re.compile(r"<passages-(\w{4,5})>\n(.*)\n</passages-\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fenced:
    n: int
    attributes: str
    text: str


def fences(prompt: str) -> list[Fenced]:
    """Fails if a fence is closed or opened anywhere but in its place."""
    outer = OUTER.search(prompt)
    assert outer is not None
    mark = outer[1]
    assert prompt.count(f"passages-{mark}") == 2
    one = re.compile(
        rf'<passage-{mark} n="(\d+)" ([^<>\n]*)>\n(.*?)\n</passage-{mark}>(?:\n\n|\Z)', re.DOTALL
    )
    read = [Fenced(int(n), attributes, text) for n, attributes, text in one.findall(outer[2])]
    assert one.sub("", outer[2]) == ""
    assert prompt.count(f"passage-{mark}") == 2 * len(read)
    assert [each.n for each in read] == list(range(1, len(read) + 1))
    return read
