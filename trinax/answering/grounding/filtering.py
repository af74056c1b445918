"""Citations in an answer while it is being written: each is judged, and lacking ones are added."""

from trinax.answering.grounding.binding import AsWritten, Judge
from trinax.answering.grounding.citations import (
    CITATION,
    CLOSING,
    LONGEST_CITATION,
    OPENING,
    Code,
    numbers,
)
from trinax.answering.grounding.sentences import MARKER, Cited, Sentence


class CitationFilter:
    """Passes one choice's text on, its citations bound to the passages that carry its sentences.

    Text is held back only from an opening bracket until it is decided, with the space before,
    which a citation of nothing takes along; and white space, until it is known what follows: a
    citation that a sentence lacks is put before it. Citations come out as "[1][3]". What stands
    in code (between backticks) passes untouched: `xs[0]` is no citation. The pieces in which a
    text arrives make no difference.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._code = Code()
        self._sentence = Sentence()
        self._sentences: list[Cited] = []
        self._space = ""  # before what comes next
        self._bracket = ""  # open, undecided
        self._group: list[int] = []  # of neighbouring citations, undecided
        self._before = ""  # the space before the group

    @property
    def sentences(self) -> tuple[Cited, ...]:
        """Those that have ended."""
        return tuple(self._sentences)

    def feed(self, text: str) -> str:
        """What can be shown now that text has arrived."""
        return "".join(map(self._next, text))

    def flush(self) -> str:
        """What was held back, at the end of the text."""
        shown = self._released() + self._decided("")
        blank, self._space = self._space, ""
        return shown + (blank if self._sentence.is_empty else self._ended(blank))

    def _next(self, character: str) -> str:
        self._code.step(character)
        if self._code.inside:
            shown = self._released()
            self._sentence.add(character, self._code.fenced)
            return shown + character
        if self._bracket:
            return self._in_bracket(character)
        if character in OPENING:
            self._bracket = character
            return ""
        return self._ordinary(character)

    def _ordinary(self, character: str) -> str:
        if not character.isspace():
            shown = self._settled(character)
            self._sentence.add(character)
            return shown + character
        self._space += character
        return self._settled("") if len(self._space) > LONGEST_CITATION else ""

    def _in_bracket(self, character: str) -> str:
        if character in OPENING:
            # The bracket that was open encloses more than a citation.
            shown = self._released()
            self._bracket = character
            return shown
        if character == "\n" or len(self._bracket) > LONGEST_CITATION:
            return self._released() + self._ordinary(character)
        self._bracket += character
        if character not in CLOSING:
            return ""
        match = CITATION.fullmatch(self._bracket)
        if match is None:
            return self._released()
        self._bracket = ""
        return self._grouped(numbers(match[1]))

    def _grouped(self, found: list[int]) -> str:
        shown = ""
        if "\n" in self._space and (self._group or not self._sentence.takes_below):
            shown = self._settled("[")
        if not self._group:
            self._before = self._space
        self._space = ""
        self._group += found
        return shown

    def _released(self) -> str:
        """The open bracket as plain text."""
        bracket, self._bracket = self._bracket, ""
        return "".join(map(self._ordinary, bracket))

    def _settled(self, following: str) -> str:
        """What was held before a character that is no citation, "" for one not known yet."""
        if not self._space and not self._group and self._sentence.is_empty:
            return ""
        shown = self._decided(following)
        blank, self._space = self._space, ""
        if blank and "\n" not in blank and self._sentence.is_marker:
            self._sentence = Sentence(self._sentence.kind)
        elif self._sentence.ends(blank, following):
            return shown + self._ended(blank)
        else:
            self._sentence.space(blank)
        return shown + blank

    def _decided(self, following: str) -> str:
        if not self._group:
            return ""
        group, self._group = self._group, []
        clause = self._sentence.clause
        said = any(map(str.isalnum, clause)) and MARKER.fullmatch(clause) is None
        kept = self._judge.kept(clause if said else "", group)
        if kept:
            citation = "".join(f"[{n}]" for n in kept)
            self._sentence.cite(kept, self._before + citation)
            return self._before + citation
        if self._sentence.is_empty:
            self._space = self._space.lstrip(" ")
        return self._before if following.isalnum() and not self._space else ""

    def _ended(self, blank: str) -> str:
        sentence, added = self._sentence, ""
        if sentence.states and not sentence.numbers:
            n = self._judge.added(sentence.plain)
            if n is not None:
                added = f"{sentence.separator}[{n}]"
                sentence.cite((n,), added)
        self._sentences.append(sentence.cited())
        self._sentence = Sentence(None if "\n" in blank else sentence.kind)
        return added + blank


def sentences(text: str) -> tuple[Cited, ...]:
    """Sentences and list items with their citations; a table or a fenced block of code is one."""
    reading = CitationFilter(AsWritten())
    reading.feed(text)
    reading.flush()
    return reading.sentences
