"""Numbers, dates and versions in a text: what may not differ between a sentence and its source."""

import re
import unicodedata

from trinax.documents.forms import nfkc

# Every repetition has a limit: texts may be long, and hostile.
# Digits within a word are part of a name (Klf4), and "10亿" is a billion elsewhere.
FIGURE = re.compile(
    r"(?<![^\W_])(?:\d{1,3}(?:[ \u2019']\d{3}){1,6}(?!\d)"
    r"|\d{1,30}(?:[.,:/\-\u2013]\d{1,30}){0,6})(?!\d|\s?[百千万萬亿億兆])"
)
# "1,234", "1.234.567", "1 234", "1’234": one number in groups of three.
GROUPED = re.compile(r"\d{1,3}(?:([.,'\u2019 ])\d{3})(?:\1\d{3})*")
SEPARATOR = re.compile(r"[.,'\u2019 ]")
# Between the parts of a range, a date or a time.
JOINT = re.compile(r"[-/:\u2013]")
DATE_PARTS = 3
MONTHS = 12

# What is told by a word in one text and by digits in the other.
_WORDS = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    "|sixteen|seventeen|eighteen|nineteen|twenty",
    "cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince"
    "|dieciséis|diecisiete|dieciocho|diecinueve|veinte",
    "null|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|dreizehn|vierzehn|fünfzehn"
    "|sechzehn|siebzehn|achtzehn|neunzehn|zwanzig",
    "zéro|un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize",
    "zero|um|dois|três|quatro|cinco|seis|sete|oito|nove|dez|onze|doze|treze|catorze|quinze",
    "zero|uno|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici|tredici",
    "零|一|二|三|四|五|六|七|八|九|十",
)
_TENS = (
    "thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred",
    "treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien",
    "dreißig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig|hundert",
    "trente|quarante|cinquante|soixante|soixante-dix|quatre-vingts|quatre-vingt-dix|cent",
    "trinta|quarenta|cinquenta|sessenta|setenta|oitenta|noventa|cem",
    "trenta|quaranta|cinquanta|sessanta|settanta|ottanta|novanta|cento",
)
_ORDINALS = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
SPELT = {
    **{word: str(n) for words in _WORDS for n, word in enumerate(words.split("|"))},
    **{word: str(n * 10) for words in _TENS for n, word in enumerate(words.split("|"), 3)},
    **{word: str(n) for n, word in enumerate(_ORDINALS.split("|"), 1)},
    "两": "2",
    "dozen": "12",
    "twice": "2",
}
OTHER_DIGIT = re.compile(r"(?![0-9])\d")
WORD = re.compile(r"[^\W\d_]+|[零一二三四五六七八九十两]")
HAN = re.compile(r"[零一二三四五六七八九十两]")


def figures(text: str) -> list[frozenset[str]]:
    """Every figure in digits, in order: the forms that each may be written in elsewhere."""
    return [_forms(match[0]) for match in FIGURE.finditer(_plain(text))]


def held(text: str) -> frozenset[str]:
    """All forms of the figures of a text, those spelt out and the parts of joined ones included."""
    plain = _plain(text)
    found: set[str] = set()
    for match in FIGURE.finditer(plain):
        found |= _forms(match[0])
        found.update(map(_canonical, JOINT.split(match[0])))
        found.update(_beginnings(match[0]))
    words = WORD.findall(plain.casefold())
    found.update(SPELT[word] for word in words if word in SPELT)
    found.update(SPELT[sign] for sign in HAN.findall(plain))
    return frozenset(found)


def missing(wanted: list[frozenset[str]], found: frozenset[str]) -> int:
    """How many of the wanted figures stand nowhere among those found."""
    return sum(not _stands(forms, found) for forms in wanted)


def _stands(forms: frozenset[str], found: frozenset[str]) -> bool:
    if not forms.isdisjoint(found):
        return True
    return any(_parts_stand(form, found) for form in forms)


def _parts_stand(form: str, found: frozenset[str]) -> bool:
    """Whether a range, a date or a time stands there in other words: 2024-05-01, 1 May 2024."""
    parts = [_canonical(part) for part in JOINT.split(form)]
    if len(parts) < 2:
        return False
    lacking = [part for part in parts if part not in found]
    if len(parts) == DATE_PARTS and len(lacking) == 1 and lacking[0].isdecimal():
        return 1 <= int(lacking[0]) <= MONTHS
    return not lacking


def _forms(figure: str) -> frozenset[str]:
    forms = {_canonical(figure)}
    if GROUPED.fullmatch(figure):
        forms.add(_canonical(SEPARATOR.sub("", figure)))
    if len(figure) == 2 and figure[1] == "0":  # the 70s
        forms.add(f"19{figure}")
    if figure.count(",") == 1 and "." not in figure:  # 3,5 is 3.5 elsewhere
        forms.add(_canonical(figure.replace(",", ".")))
    return frozenset(forms)


def _beginnings(figure: str) -> list[str]:
    """3 and 3.11 of 3.11.7: a version may be told in short."""
    parts = figure.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))] if len(parts) > 2 else []


def _canonical(figure: str) -> str:
    figure = figure.lstrip("0") if figure[:2].isdecimal() else figure
    return figure or "0"


def _plain(text: str) -> str:
    if text.isascii():
        return text
    text = nfkc(text)
    return OTHER_DIGIT.sub(lambda match: str(unicodedata.digit(match[0])), text)
