"""Text cut into the words that search compares."""

import re
import unicodedata
from typing import NamedTuple

from trinax.documents.forms import nfkc

# Scripts written without spaces between words, and Hangul, whose particles cling to the words.
_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005\u3040-\u30ff\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
UNSPACED = re.compile(f"[{_UNSPACED}]+")

# Letters, digits, and the marks that \w leaves out although words are written with them.
_LETTER = r"[\w\u0300-\u036f\u0591-\u05c7\u064b-\u0670\u0900-\u0963\u0966-\u0dff]"
# A word with its joints: max_chunk_tokens, os.path.join, 3.11.7, T-cell, .net, C++, c#.
COMPOUND = re.compile(
    rf"(?:(?<![\w.])\.(?=[^\W\d_]))?{_LETTER}+(?:[.\-]{_LETTER}+)*(?:(?<=\b[A-Za-z])(?:\+\+|\#)(?!\w))?"
)
# What no word holds, of ASCII.
BLANKS = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) in "_.-+#")}
_JOINT = re.compile(r"[.\-_+#]+")
_HUMP = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*|\d+")
# Prose joins words so; the parts say it all.
_HYPHENATED = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
_MIXED = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]")
_ACCENT = re.compile(r"[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]")


class Compound(NamedTuple):
    """A word as it was written. whole: "" where the parts say the same."""

    whole: str
    parts: tuple[str, ...]


def normalised(text: str) -> str:
    """NFKC, soft hyphens removed."""
    if text.isascii():
        return text
    return nfkc(text).replace("\u00ad", "")


def compound(word: str) -> Compound:
    """A match of COMPOUND taken apart, casefolded: getUserName → getusername; get, user, name.

    Joints vanish from the whole, so that max-tokens, max_tokens and maxTokens are one, except the
    dot, which tells 3.11 from 311, and the signs of C++ and c#.
    """
    if word.isalnum() and word.islower():  # most words
        return Compound("", (word.casefold(),))
    pieces = [piece for piece in _JOINT.split(word) if piece]
    parts = [part for piece in pieces for part in _humps(piece)]
    parts = [part.casefold() for part in parts]
    whole = word.casefold().replace("-", "").replace("_", "")
    if not parts or whole == parts[0] or _HYPHENATED.fullmatch(word):
        return Compound("", tuple(parts))
    return Compound(whole, tuple(parts))


def runs(text: str) -> list[str]:
    """The text in stretches that hold whole matches of COMPOUND.

    Most stretches come again and again, and looking one up takes a tenth of matching its words.
    """
    return (text.translate(BLANKS) if text.isascii() else text).split()


def folded(word: str) -> str:
    """Without accents: résumé → resume."""
    if word.isascii():
        return word
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", word))
    return unicodedata.normalize("NFC", plain)


def _humps(piece: str) -> list[str]:
    if piece.islower() or _MIXED.search(piece) is None:
        return [piece]
    return _HUMP.findall(piece) if piece.isascii() else [piece]
