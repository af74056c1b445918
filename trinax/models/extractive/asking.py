"""What a question asks for: a number, a place, steps, a definition, code."""

import re
from dataclasses import dataclass

# A pasted page may come with the question, which stands before or behind it.
QUESTION_CHARACTERS = 2000

NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred"
    r"|thousand|million|billion|half|third|percent"
    r"|un[oae]?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|mil|millones"
    r"|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|cent|mille"
    r"|eins?|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|hundert|tausend"
    r"|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|dois|duas|três|quatro|oito|dez)\b"
    r"|[一二三四五六七八九十百千万亿两]",
    re.IGNORECASE,
)
DATE = re.compile(
    r"\b[12]\d{3}s?\b|\b\d{1,2}(?:st|nd|rd|th)? century\b|\bsiglo\b|\bsiècle\b|\bJahrhundert"
    r"|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]{0,6}\b(?= ?\d|,)"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    r"|\b(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre"
    r"|diciembre|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre"
    r"|januar|februar|märz|juni|juli|oktober|dezember|gennaio|febbraio|aprile|maggio|giugno|luglio"
    r"|settembre|ottobre|dicembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro"
    r"|dezembro)\b|\d+\s*年|世纪",
    re.IGNORECASE,
)
# A capital that does not merely begin the sentence.
NAME = re.compile(r"(?<=[^.!?\s] )[“\"'(]?[A-ZÀ-ÖØ-Þ][\w'’-]+|[\u4e00-\u9fff]{2,}")

ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|old|far|often|tall|large|big|high|fast)\b"
    r"|\b(?:percentage|number) of\b|\bwhat (?:percentage|number|amount|size|port)\b"
    r"|\bcu[aá]nt[oa]s?\b|\bcombien\b|\bwie ?viele?\b|\bquant[ioae]s?\b|多少|几个|幾",
    re.IGNORECASE,
)
ASKS_DATE = re.compile(
    r"\bwhen\b|\b(?:what|which) (?:year|month|date|day|decade|century)\b|\bcu[aá]ndo\b"
    r"|\bqu[eé] (?:año|fecha|día|mes|siglo)\b|\bquand\b|\bquelle (?:année|date)\b|\bwann\b"
    r"|\bquando\b|\bque ano\b|\bche anno\b|什么时候|何时|哪一?年|几时",
    re.IGNORECASE,
)
ASKS_NAME = re.compile(
    r"\b(?:who|whose|whom|where)\b|\b(?:what|which) (?:city|country|state|place|region|company"
    r"|person)\b|\bqui[eé]n(?:es)?\b|\bd[oó]nde\b|\bqui\b|\boù\b|\bwer\b|\bwem\b|\bwen\b|\bwo\b"
    r"|\bquem\b|\bonde\b|\bchi\b|\bdove\b|谁|哪里|哪儿|何处",
    re.IGNORECASE,
)
ASKS_HOW = re.compile(
    r"\bhow (?:do|can|should|could|would|to)\b|\bc[oó]mo\b|\bcomment\b|\bwie\b|\bcome\b"
    r"|怎么|如何|怎样",
    re.IGNORECASE,
)
ASKS_WHAT = re.compile(
    r"^\W*(?:what(?:'s| is| are| does)|define|qu[eé] (?:es|son)|qu'est-ce que?|was (?:ist|sind)"
    r"|o que [eé]|cos['’]?[eè]|什么是)\s*(?:an?|the|un[ae]?|el|la|le|les|eine?|der|die|das|o|a)?\s+"
    r"(?P<what>[^?？]+)",
    re.IGNORECASE,
)
# Asks for a place in the documents, not on earth.
_DOCUMENT = (
    r"(?:file|line|module|document|page|section|chapter|folder|archivo|fichero|documento|página"
)
_DOCUMENT += r"|fichier|datei|dokument|seite|arquivo|pagina)"
_WRITTEN = (
    r"(?:defin|document|describ|descrit|beschr|explain|implement|declar|configur|mention|stated?\b"
)
_WRITTEN += r"|written|escrit|scritt|écrit)"
ASKS_PLACE = re.compile(
    rf"\b(?:which|what|qu[eé]|quel(?:le)?|welche[rsnm]?|qual|quale|che)\s+{_DOCUMENT}\b"
    rf"|\b(?:where|d[oó]nde|onde|dove|où|wo)\b[^.?!]{{0,80}}\b{_WRITTEN}"
    r"|(?:哪个|哪一个|什么)(?:文件|文档|页)|在哪[里儿]?(?:定义|实现|说明)",
    re.IGNORECASE,
)
ASKS_CODE = re.compile(
    r"`|\w\(\)|[a-z]_[a-z]|[a-z][A-Z]|\b(?:code|function|method|class|module|argument|parameter"
    r"|implement\w*|función|código|fonction|funktion|klasse|funzione|função)\b|函数|代码"
)
# "the function area", "area()", `area`, read_file, readFile, os.path: what code may define.
_DEFINED = r"(?:function|method|class|module|constant|variable|struct|type)"
IDENTIFIER = re.compile(
    r"`([^`\s]{1,80})`|\b(\w{1,80})\(\)"
    rf"|\b(?:the\s+{_DEFINED}|{_DEFINED}\s+(?:named|called))\s+([A-Za-z_]\w{{0,79}})\b"
    rf"|\b([A-Za-z_]\w{{1,80}})(?=\s+{_DEFINED}\b)"
    r"|\b([A-Za-z]\w{0,80}_\w{1,80}|_\w{1,80}|[a-z]{1,40}[A-Z]\w{0,80})\b"
)
# Around "function", "class" and the like, but never the name of one.
NO_NAMES = re.compile(
    r"(?:the|an?|this|that|which|what|each|every|is|are|was|were|does|do|has|have|in|of|for|to|with"
    r"|and|or|one|any|named|called|new|same|other)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what it asks for.

    answers: patterns of which an answer has one, () where that cannot be told.
    subject: of "what is …", else "". names: of code, as they were written.
    """

    text: str
    number: bool
    date: bool
    name: bool
    how: bool
    place: bool
    code: bool
    subject: str
    names: frozenset[str]

    @property
    def answers(self) -> tuple[re.Pattern[str], ...]:
        wanted = ((self.number, NUMBER), (self.date, DATE), (self.name, NAME))
        return tuple(pattern for asked, pattern in wanted if asked)


def asked(question: str) -> Asked:
    """What the beginning and the end of a question tell."""
    text = question
    if len(text) > QUESTION_CHARACTERS:
        half = QUESTION_CHARACTERS // 2
        text = f"{text[:half]} {text[-half:]}"
    what = ASKS_WHAT.match(text)
    return Asked(
        text=text,
        number=bool(ASKS_NUMBER.search(text)),
        date=bool(ASKS_DATE.search(text)),
        name=bool(ASKS_NAME.search(text)),
        how=bool(ASKS_HOW.search(text)),
        place=bool(ASKS_PLACE.search(text)),
        code=bool(ASKS_CODE.search(text)),
        subject=what["what"].strip().rstrip(".!") if what else "",
        names=frozenset(identifiers(text)),
    )


def identifiers(text: str) -> set[str]:
    """Names of code in a question; of a dotted one its last part."""
    found = {part for parts in IDENTIFIER.findall(text) for part in parts if part}
    last = {re.split(r"\W+", name.strip("().,;:"))[-1] for name in found}
    return {name for name in last if name and not NO_NAMES.fullmatch(name)}
