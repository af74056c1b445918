"""How far an answer is carried by its passages, sentence by sentence."""

import re
from collections.abc import Iterator, Mapping, Sequence

from trinax.answering.grounding.citations import CITATION, cited, without_citations
from trinax.answering.records import Grounding, Source, Support, Verdict
from trinax.documents.prose import sentence_starts
from trinax.index import analysis
from trinax.index.languages import language

# A sentence counts as carried when this share of its content words stands in its passages.
SUPPORT_FLOOR = 0.5
# Share of the answer's content words that stand in carried sentences.
ANSWERED_SHARE = 0.75
PARTIAL_SHARE = 0.25

# What only introduces the next sentence states nothing.
LEAD_IN = (":", "：")
FENCE = re.compile(r"\s*(?:```|~~~)")
MARK = re.compile(r"\s*(?:[-*+•]|\d+[.)]|#+|>)\s+")
# Citations that follow the stop of the sentence they belong to.
LEADING_CITATIONS = re.compile(rf"(?:\s{{0,9}}{CITATION.pattern})+", re.IGNORECASE)

Words = frozenset[int]


def grounding(answer: str, sources: Sequence[Source]) -> Grounding:
    """Support and verdict of an answer that was written from these sources.

    A sentence's score is the share of its content words that stand in the passages it cites; one
    without a citation gets the passage that carries it best, if that carries enough. Only words are
    compared: an answer in another language than its passages scores low. Lead-ins ("So:") are
    left out.
    """
    terms = {source.n: _terms(source) for source in sources}
    languages = [source.passage.language for source in sources]
    support: list[Support] = []
    carried = words = 0
    for sentence in sentences(answer):
        content = _content(sentence, languages)
        if not content or sentence.endswith(LEAD_IN):
            continue
        numbers = tuple(n for n in cited(sentence) if n in terms) or _best(content, terms)
        score = _share(content, [terms[n] for n in numbers])
        support.append(Support(sentence, numbers, round(score, 3)))
        words += len(content)
        carried += len(content) if score >= SUPPORT_FLOOR else 0
    return Grounding(_verdict(carried / words if words else 0.0), tuple(support))


def sentences(text: str) -> list[str]:
    """Sentences and list items with their citations; a fenced block of code is one."""
    found: list[str] = []
    for block, is_code in _blocks(text):
        for part in [block] if is_code else _split(block):
            leading = LEADING_CITATIONS.match(part) if found and not is_code else None
            if leading:
                found[-1] = f"{found[-1]} {leading[0].strip()}"
                part = part[leading.end() :]
            if part.strip():
                found.append(part.strip())
    return found


def _blocks(text: str) -> Iterator[tuple[str, bool]]:
    """Lines of prose, and fenced blocks of code as a whole."""
    fenced: list[str] = []
    for line in text.splitlines():
        is_fence = FENCE.match(line) is not None
        if not fenced and not is_fence:
            yield line, False
            continue
        fenced.append(line)
        if is_fence and len(fenced) > 1:
            yield "\n".join(fenced), True
            fenced = []
    if fenced:
        yield "\n".join(fenced), True


def _split(line: str) -> list[str]:
    line = MARK.sub("", line, count=1) if MARK.match(line) else line
    starts = [0, *sentence_starts(line)]
    return [line[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


def _verdict(share: float) -> Verdict:
    if share >= ANSWERED_SHARE:
        return "answered"
    return "partial" if share >= PARTIAL_SHARE else "insufficient"


def _best(content: Sequence[Words], terms: Mapping[int, Words]) -> tuple[int, ...]:
    scores = {n: _share(content, [held]) for n, held in terms.items()}
    best = max(scores, key=lambda n: (scores[n], -n), default=0)
    return (best,) if scores.get(best, 0.0) >= SUPPORT_FLOOR else ()


def _share(content: Sequence[Words], passages: Sequence[Words]) -> float:
    held = frozenset[int]().union(*passages)
    return sum(not word.isdisjoint(held) for word in content) / len(content)


def _content(sentence: str, languages: Sequence[str]) -> list[Words]:
    """Term ids of each content word, each word once. languages: of the passages."""
    plain = without_citations(sentence)
    spoken = list(dict.fromkeys(filter(None, [language(plain), *languages])))
    return list({frozenset(ids) for _, ids in analysis.query_words(plain, spoken) if ids})


def _terms(source: Source) -> Words:
    chunk, spoken = source.passage.chunk, source.passage.language
    return frozenset(analysis.document_terms(chunk.text, chunk.context, language=spoken).ids)
