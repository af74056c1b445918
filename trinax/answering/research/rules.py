"""Questions taken apart by rules, where no language model is there to do it."""

import re
from collections.abc import Sequence

import anyio.to_thread

from trinax.answering.research.bridges import bridge
from trinax.answering.research.names import named, names
from trinax.answering.research.records import SUB_QUESTIONS_LIMIT, Pass

# A pasted page is no question; it is searched for as it is.
LONGEST_QUESTION = 2000
SHORTEST_PART_WORDS = 3
SHORTEST_PART_CJK = 6
# The query and its parts; what is left of the limit is for what the passages bring up.
PARTS_LIMIT = SUB_QUESTIONS_LIMIT - 2

_SENTENCES = re.compile(r"(?<=[?？])\s*|(?<=[.!;；。])\s+")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# "…, and who …": a second question begins, not a second thing that is asked about.
_SECOND = re.compile(
    r"(?:,\s{0,3}|\s)(?:and|y|und|et|e)\s+(?:also\s|además\s|auch\s|aussi\s|também\s)?(?="
    r"(?:who|what|when|where|which|why|how|did|does|is|are|was|were|"
    r"quién|qué|cuándo|dónde|cuál|cómo|cuánto|wer|was|wann|wo|welche[rsn]?|warum|wie|"
    r"qui|que|quand|où|quel(?:le)?s?|pourquoi|comment|combien|quem|quando|onde|qual|como)\b)"
    r"|(?:，|,)?(?:以及|并且|而且|还有)(?=[^，。？]{4})",
    re.IGNORECASE,
)
# X or Y, X and Y, X vs. Y, the difference between X and Y.
_BETWEEN = re.compile(
    r"\s(?:and|or|vs\.?|versus|y|o|und|oder|et|ou|e)\s|(?:，|、)?(?:和|与|與|跟|还是|還是|或者?)"
)
_COMPARISON = re.compile(
    r"\b(?:both|same|compare[ds]?|comparison|differences?|differ|versus|vs|common|connected|between|"
    r"first|more|less|older|oldest|younger|larger|bigger|smaller|better|earlier|later|\w{2,20}er|"
    r"ambos|ambas|mism[oa]s?|diferencias?|entre|más|menos|mayor|menor|primero|"
    r"beide[rsn]?|gleiche[nrs]?|unterschiede?|zwischen|mehr|weniger|zuerst|"
    r"deux|mêmes?|différences?|plus|moins|premier|"
    r"mesm[oa]s?|diferenças?|mais|maior|primeiro)\b"
    r"|都|相同|区别|區別|不同|比较|比較|更|哪个|哪個|先",
    re.IGNORECASE,
)


class RulePlanner:
    async def sub_questions(self, query: str) -> tuple[str, ...]:
        """The query, then its parts if it has some; see Planner."""
        return await anyio.to_thread.run_sync(parts, query)

    async def following(self, query: str, passes: Sequence[Pass]) -> str | None:
        return await anyio.to_thread.run_sync(bridge, query, passes)


def parts(query: str) -> tuple[str, ...]:
    """The query, then up to two searches for what it asks about side by side: questions one after
    another, or the two that it compares, each with the words that are asked about both."""
    if len(query) > LONGEST_QUESTION:
        return (query,)
    found = _questions(query) or _compared(query)
    return tuple(dict.fromkeys((query, *found[:PARTS_LIMIT])))


def _questions(query: str) -> list[str]:
    pieces = [piece for part in _SENTENCES.split(query) for piece in _SECOND.split(part)]
    pieces = [piece.strip(" ,，\t\n") for piece in pieces]
    whole = [piece for piece in pieces if _is_long_enough(piece)]
    return whole if len(whole) > 1 and len(whole) == len([p for p in pieces if p]) else []


def _is_long_enough(piece: str) -> bool:
    cjk = len(_CJK.findall(piece))
    return cjk >= SHORTEST_PART_CJK or len(piece.split()) >= SHORTEST_PART_WORDS


def _compared(query: str) -> list[str]:
    """Two searches, one without each side; a side is the name next to the word between them."""
    if not _COMPARISON.search(query) or not named(query):
        return []
    for between in _BETWEEN.finditer(query):
        before = [n for n in names(query[: between.start()]) if n.start > 0]
        after = names(query[between.end() :])
        if not before or not after:
            continue
        left, right = before[-1], after[0]
        # Both stand right beside the word, or it joins something else.
        ends = left.start + len(left.text)
        gap = query[ends : between.start()]
        lead = query[between.end() : between.end() + right.start]
        if len(gap.split()) > 1 or len(lead.split()) > 2:
            continue
        rest = between.end() + right.start + len(right.text)
        head, tail = query[: left.start], query[rest:]
        return [_searched(head, side.text, tail) for side in (left, right)]
    return []


def _searched(head: str, side: str, tail: str) -> str:
    return " ".join(f"{head}{side}{tail}".split())
