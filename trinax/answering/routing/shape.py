"""What a request is built of: code, traces, file names, sums, quotations, pasted text."""

import re
from dataclasses import dataclass

# A longer request is judged by its beginning and its end, where people say what they want.
BEGINNING_CHARACTERS = 1500
END_CHARACTERS = 500
# A paragraph with so many words beside a much shorter one is material, not the request.
PASTED_WORDS = 40
PASTED_TIMES = 2

FENCE = re.compile(r"(?:```|~~~).{0,4000}?(?:```|~~~|\Z)", re.DOTALL)
BACKTICKS = re.compile(r"`([^`\n]{1,200})`")
QUOTED = re.compile(
    r"""(?<!\w)(?:'([^'\n]{1,600})'(?!\w)|"([^"\n]{1,600})"|[“„]([^”“\n]{1,600})[”“]|«([^»\n]{1,600})»"""
    r"""|‘([^’\n]{1,600})’|《([^》\n]{1,100})》|「([^」\n]{1,600})」)"""
)
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
CJK = re.compile(f"[{_CJK}]")
# "c++", "don't", "self-host", "tl;dr"; Chinese and Japanese by the character.
WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}](?:[^\W{_CJK}]|['’;-](?=[^\W_])|[+#])*")
PARAGRAPH = re.compile(r"\n[ \t\r]{0,20}\n")

_SOURCE = (
    "py|pyi|js|jsx|mjs|ts|tsx|rs|go|java|kt|c|cc|cpp|h|hpp|cs|rb|php|sh|bash|ps1|sql|ya?ml|toml|json|ini|cfg|conf"
    "|css|scss|html?|vue|swift|lua|tf|gradle|ipynb|env|log|lock|proto"
)
_DOCUMENT = "pdf|docx?|odt|pptx?|xlsx?|ods|epub|rtf|pages|eml"

# Reason and pattern by name. Each repetition is bounded or cannot start twice in the same run.
CODE_MARKS: dict[str, tuple[str, re.Pattern[str]]] = {
    "fence": ("it holds a block of code", re.compile(r"```|~~~")),
    "call": (
        "it holds a call of a function",
        re.compile(
            r"\b[A-Za-z_][\w.]{0,60}\((?:\)|[^()\n]{0,80}[=,'\"\[.*+][^()\n]{0,80}\)|\w{1,40}\))"
        ),
    ),
    "statement": (
        "it holds code",
        re.compile(
            r"^[ \t]{0,40}(?:for|while|if|elif|else|try|with|switch)\b[^\n]{0,120}[:{][ \t]{0,8}$"
            r"|\b(?:def|fn|func|function|class|struct|interface)\s[A-Za-z_]\w{0,40}\s?[({:<]"
            r"|\bfor\s?\([^\n]{1,80};|\bfor\s\w{1,20}\sin\s[\w.]{1,30}[(:\[\]]|\bwhile\b[^\n]{1,60}:\s"
            r"|\b(?:const|let|var|val)\s\w{1,40}\s?=|\b(?:public|private|static)\s(?:static\s)?\w{1,30}\s\w"
            r"|#include\b|^[ \t]{0,8}import\s[\w.{]|\bfrom\s[\w.]{1,60}\simport\b|;[ \t]{0,8}$"
            r"|^[ \t]{0,40}[{}][ \t]{0,8}$"
            r"|</?[a-z]\w{0,20}(?:\s[^<>\n]{0,80})?>|\{\s?\"\w{1,40}\"\s?:|\{\s?\w{1,40}[\s:][^{}\n]{0,80};\s?\}",
            re.MULTILINE,
        ),
    ),
    "operator": (
        "it holds operators of code",
        re.compile(
            r"[\w)\]\"']\s?(?:==|!=|\+=|-=|=>|->|&&|\|\||::|:=|<=|>=)\s?[\w(\[\"']|\w\s?=\s?[\w\"'\[{(]"
            r"|\d>&\d|\w\[\w{0,20}\]|\w\[[\w:+-]{1,20}\]|\[::?-?\d|\*\*\d|\\[dwsb][+*{]|\^\\|\[\^?\w-\w|\s\|\s\w{2,12}\s-"
        ),
    ),
    "query": (
        "it holds a database query",
        re.compile(
            r"\b(?:SELECT|DELETE|INSERT|UPDATE|CREATE|ALTER)\b[^\n]{0,200}\b(?:FROM|INTO|SET|TABLE|WHERE)\b"
        ),
    ),
    "schema": (
        "it describes tables",
        re.compile(r"\b[a-z]\w{1,30}\s?\([a-z]\w{0,30}(?:,\s?[a-z]\w{0,30}){1,12}\)"),
    ),
    "command": (
        "it holds a command",
        re.compile(
            r"(?:^|\s)(?:-{1,2}[a-zA-Z][\w-]{0,30})(?=[\s=,.?]|$)|^\s?\$\s|\bexport\s\w{1,30}=|@\w{3,30}\b(?!\.)"
        ),
    ),
    "error": (
        "it holds an error or a trace",
        re.compile(
            r"\b[A-Z]\w{1,60}(?:Error|Exception)\b|\b(?:[Ee]rror|ERR!|ERROR|FATAL|WARN|fatal|panic|Uncaught|[Ee]rreur|erro)\s?[:(\[]"
            r"|\b(?:ERR!|FATAL|E[A-Z]{4,12}|SIG[A-Z]{3,5})\b|\bTraceback\b|\bgoroutine\s\d|\bcore\sdumped\b"
            r"|\bat\s[\w.$]{1,80}\([\w.]{1,60}:\d{1,6}\)|\bFile\s\"[^\"\n]{1,120}\",\sline\s\d"
            r"|\b(?:exit(?:s|ed)?|status|code|signal|SIGNAL)\s(?:with\s)?(?:code\s|status\s)?\d{1,3}\b|\b[45]\d\d\s(?:from|as|error|on|when)"
            r"|\bCrashLoop\w{1,10}|\bundefined\s(?:reference|is\snot)|\bis\snot\sdefined\b|\bcannot\sfind\ssymbol"
        ),
    ),
    "log": (
        "it holds lines of a log",
        re.compile(r"^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d[^\n]{0,200}|^\w{2,10}\sERR!", re.MULTILINE),
    ),
    "source file": (
        "it names a source file",
        re.compile(
            rf"(?<![\w@/-])[\w/-]{{1,80}}\.(?:{_SOURCE})(?!\w)|(?<!\w)\.(?:{_SOURCE}|gitignore|bashrc)\b|\b(?:Dockerfile|Makefile|Jenkinsfile)\b"
            r"|(?<![\w/])(?:src|lib|app|tests?|pkg|cmd|usr|etc|var)/\w{0,40}|\b[a-z_]{2,30}/(?=[\s,.)]|$)"
        ),
    ),
    "snake case": (
        "it names an identifier",
        re.compile(
            r"\b[a-z]{1,30}(?:_[a-z0-9]{1,30}){1,6}\b|\b[A-Z]{2,30}(?:_[A-Z0-9]{1,30}){1,6}\b"
        ),
    ),
    "camel case": (
        "it names an identifier",
        re.compile(
            r"\b[a-z]{2,30}[A-Z][a-z]\w{0,40}\b|\b(?!(?:Mc|Mac|De|Le|La|Van)[A-Z])[A-Z][a-z0-9]{1,30}[A-Z][a-z]\w{0,40}\b"
        ),
    ),
}
TEXT_MARKS: dict[str, tuple[str, re.Pattern[str]]] = {
    "document file": (
        "it names a document",
        re.compile(rf"(?<![\w-])[\w-]{{1,80}}\.(?:{_DOCUMENT})(?!\w)", re.IGNORECASE),
    ),
    "sum": (
        "it is a sum",
        re.compile(
            r"\d[\d.,]{0,20}\s?(?:[+*×x÷/^]|%\s?(?:of|de|von|di|da)|-\s)\s?\d|\d\s?%|\d\s(?:\w{1,9}\s){1,3}\d{1,6}\W{0,3}$"
        ),
    ),
    "number": ("it holds numbers", re.compile(r"\d")),
    "amount": (
        "it names amounts and spans of time",
        re.compile(
            r"\d[\d.,]{0,12}\s?(?:€|\$|£|k\b|euros?|years?|yrs?|months?|weeks?|days?|people|hours?|h\b|años|meses|semanas|días|personas|Jahre|Monate|Wochen|Tage"
            r"|ans\b|mois|semaines|jours|anos|dias|anni|mesi|个月|年|人|周|天)|(?:€|\$|£)\s?\d|\b\d{1,3}-(?:day|week|month|year|step)",
            re.IGNORECASE,
        ),
    ),
    "question mark": ("it asks a question", re.compile(r"[?？]")),
    "exclamation": ("it exclaims", re.compile(r"[!！]")),
    "face": ("it smiles", re.compile(r"[:;]-?[)D(](?:\s|$)|[\U0001f300-\U0001faff❤]")),
    "colon": ("a colon leads to what is meant", re.compile(r"[:：]\s{0,4}\S")),
    "trailing colon text": (
        "it brings the text that it is about",
        re.compile(r"[:：]\s{0,4}[\"'“„«A-ZÄÖÜÉÀ\u3400-\u9fff][^\n]{25,}"),
    ),
    "form value": (
        "it shows a value, not code",
        re.compile(r"`[A-Z][A-Z0-9 /-]{1,20}`|`\w{1,12}\s?[A-Z]?\d{1,4}`"),
    ),
    "code span": (
        "it shows code in the text",
        re.compile(r"`[^`\n]{0,80}[a-z(){}\[\]=<>$&|][^`\n]{0,80}`"),
    ),
    "upper word": ("it names letters", re.compile(r"\b[A-Z]{2,6}\b")),
    "ellipsis or": (
        "it names two ways",
        re.compile(r"\b(?:or|oder|ou|o|vs\.?)\b[^?？\n]{1,60}[?？]|还是[^?？]{1,30}[?？]"),
    ),
    "asks twice": ("it asks more than one question", re.compile(r"[?？][^?？]{3,400}[?？]")),
    "new lines": ("it has several lines", re.compile(r"\S[ \t]{0,20}\n")),
}


@dataclass(frozen=True, slots=True)
class Parts:
    """whole: the request, its middle left out where it is long. asked: what its writer says in
    prose, without quotations, code and pasted text. quoted: words in the longest quotation."""

    whole: str
    asked: str
    quoted: int
    pasted: bool
    cjk: int


def parts(text: str) -> Parts:
    if len(text) > BEGINNING_CHARACTERS + END_CHARACTERS:
        text = f"{text[:BEGINNING_CHARACTERS]}\n\n{text[-END_CHARACTERS:]}"
    prose = FENCE.sub("\n\n", text)
    prose = BACKTICKS.sub(" ", prose)
    quotations = [next(filter(None, match.groups()), "") for match in QUOTED.finditer(prose)]
    prose = QUOTED.sub(" \u2026 ", prose)
    asked = _asked([each for each in PARAGRAPH.split(prose) if each.strip()])
    longest = max((len(WORD.findall(each)) for each in quotations), default=0)
    return Parts(text, asked, longest, len(asked) < 0.6 * len(prose), len(CJK.findall(asked)))


def _asked(paragraphs: list[str]) -> str:
    """The paragraphs that ask: all, but for long ones beside a much shorter first or last."""
    lengths = [len(WORD.findall(each)) for each in paragraphs]
    if len(paragraphs) < 2 or max(lengths) < PASTED_WORDS:
        return "\n".join(paragraphs)
    limit = max(lengths) / PASTED_TIMES
    ends = {0, len(paragraphs) - 1}
    kept = [each for n, each in enumerate(paragraphs) if n in ends and lengths[n] <= limit]
    return "\n".join(kept) or "\n".join(paragraphs)
