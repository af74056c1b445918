"""What kind of work a request asks for, by cues that can be read aloud.

The kinds and their borders: a fact that anyone could give in one line, or talk, is trivial; reading
or writing code is code; prose work with one aim is general; several parts that depend on one
another, weighing, planning or design is complex.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from trinax.answering.records import Kind


@dataclass(frozen=True, slots=True)
class Cue:
    """A pattern that speaks for kinds, with how strongly, and how a person would put it."""

    reason: str
    pattern: re.Pattern[str]
    weights: Mapping[Kind, float]


def _cue(reason: str, pattern: str, flags: int = re.IGNORECASE, **weights: float) -> Cue:
    kinds: tuple[Kind, ...] = ("trivial", "code", "general", "complex")
    return Cue(
        reason,
        re.compile(pattern, flags | re.VERBOSE),
        {kind: weights[kind] for kind in kinds if kind in weights},
    )


# Weights were set by hand: 1 leans, 2 is a good sign, 3 decides.
CUES = (
    # Talk
    _cue(
        "it greets",
        r"""^\W*(?:hi|hey|hello|hiya|yo|good\s(?:morning|afternoon|evening|night)|hola|buen[oa]s\s\w+
        |hallo|moin|servus|guten\s\w+|grüß\s\w+|bonjour|bonsoir|salut|coucou|bom\sdia|boa\s(?:tarde|noite)
        |ol[áa]|oi|ciao|buongiorno|你好|您好|早上好|晚上好|こんにちは|おはよう)(?!\w)""",
        trivial=1.5,
    ),
    _cue(
        "it thanks or closes",
        r"""\b(?:thanks?|thank\syou|thx|cheers|ty|bye|goodbye|see\syou|never\s?mind|gracias|adiós|
        hasta\sluego|merci|danke|tschüss|obrigad[oa]|valeu|grazie|que\sbueno|qué\sbueno)\b
        |谢谢|多谢|再见|ありがとう""",
        trivial=2.5,
    ),
    _cue(
        "it is small talk",
        r"""\b(?:lol|haha\w*|jaja\w*|kkk+|how\sare\syou|what'?s\sup|are\syou\s(?:a|real|there|human)|
        how'?s\sit\sgoing|who\sare\syou|qué\stal|cómo\sestás|alles\sklar|wie\sgeht|ça\sva|
        tudo\sbem|como\svai|you'?re\s(?:great|funny|the\sbest)|my\sfavou?rite|i\s(?:like|love|hate)\b|
        no\sneed\sto)|[:;]-?[)D](?:\s|$)|[😀-🙏]""",
        trivial=2.0,
    ),
    # A fact in one line
    _cue(
        "it asks for a common fact",
        r"""\b(?:capital\s(?:of|de|da|do)|capitale\sd|hauptstadt|symbol\s(?:for|of)|stand(?:s)?\sfor|
        how\smany\s\w+\s(?:are|is|in|does|do)\b|how\s(?:tall|old|far|high|deep)\sis|what\s(?:year|day)\b|
        who\s(?:painted|wrote|invented|discovered|won|directed|composed)\b|^\W*who\s(?:was|is)\s(?-i:[A-Z])|leap\syear|
        boiling\spoint|quién\s(?:pintó|escribió|inventó|descubrió|fue|es)\b|wer\s(?:hat|war|ist)\b|
        wie\sviele\b|cuántos?\s\w+\s(?:tiene|hay)\b|(?:maior|menor|mayor|largest|biggest|smallest|
        highest|longest|größte\w*|plus\s(?:grand|haut))\s\w+|quanti\b|qui\sa\s(?:peint|écrit|inventé)|
        quem\s(?:pintou|escreveu|foi|é)\b|synonym|antonym|opposite\sof)|几个|多少|首都|是谁""",
        trivial=2.5,
    ),
    _cue(
        "it asks for a word or its spelling",
        r"""\b(?:how\s(?:do\s(?:you|i)|to)\s(?:spell|pronounce|say)|spell(?:ing)?\s(?:of)?|
        cómo\sse\s(?:dice|escribe)|wie\s(?:schreibt|buchstabiert|sagt)\sman|comment\s(?:on\sdit|s'écrit|dit-on)|
        como\sse\s(?:diz|escreve)|meaning\sof\sthe\sword|(?:translate|traduce|traduis|übersetze)\s['"“‘«]?[\w-]+['"”’»]?\s
        (?:to|into|in|al|a|en|ins)\s\w+\W*$)|怎么(?:说|拼)|什么意思""",
        trivial=3.0,
    ),
    _cue(
        "it is a sum",
        r"""(?:^|\b(?:what'?s|what\sis|calculate|compute|cu[áa]nto\s(?:es|son)|wie\sviel\sist|was\sist|
        combien\sfont|quanto\s(?:é|dá)|how\smuch\sis)\s)\W*\d[\d.,\s]*(?:%|[+\-*/x×÷^]|plus|minus|times|by|of|
        entre|por|más|menos|mal|durch|fois|vezes|divided)\s*[\w\s]*\d""",
        trivial=3.0,
    ),
    # Code
    _cue("it holds a block of code", r"```|~~~", code=3.0),
    _cue(
        "it holds code",
        r"""[\w\])]\(\)|\w+\([^()\n]*[=,'"\[][^()\n]*\)|[\w)\]]\s*(?:==|!=|\+=|=>|->|&&|\|\||::|:=)\s*[\w(\[]
        |\b(?:def|function|fn|func|class)\s\w+\s*[({:]|^\s*(?:for|while|if)\b[^\n]*[:{]\s*$|\bfor\s\w+\sin\s\w+[\w(]*
        |\b(?:const|let|var)\s\w+\s*=|\#include\b|\bimport\s\w+\s*(?:;|$|from|as)|\bfrom\s\w+\simport\b
        |;\s*$|^\s*[{}]\s*$|\bwhile\s.+:\s*\w+\(|</?\w+[^>]*>.*</\w+>|\d>&\d|\{\s*\w+_\w+\s.*;\s*\}
        |(?-i:\b(?:SELECT|DELETE|INSERT|UPDATE)\b.*\b(?:FROM|INTO|SET)\b)""",
        re.IGNORECASE | re.MULTILINE,
        code=3.0,
    ),
    _cue(
        "it holds an error or a log",
        r"""\b(?:[A-Z]\w+(?:Error|Exception)\b|\w*(?:Error|Exception)(?:\s?[:(]|\s\w*\())|\bTraceback\b|\b(?:ERR!|FATAL|ENOENT|ENOSPC|EACCES|ECONN\w+
        |SIGSEGV|SIGKILL|NullPointer\w*|undefined\sreference|segfault|segmentation\sfault|core\sdumped|stack\s?trace
        |stacktrace)\b|\bat\s[\w.$]+\([\w.]+:\d+\)|\bexit(?:s|ed)?\s(?:with\s)?(?:code\s|status\s)?\d+\b|\bE\d{4}\b""",
        0,
        code=3.0,
    ),
    _cue(
        "it names a source file",
        r"""\b[\w\-/]+\.(?:py|js|jsx|ts|tsx|rs|go|java|kt|c|cc|cpp|h|hpp|cs|rb|php|sh|bash|sql|ya?ml|toml|json|ini|
        cfg|conf|css|scss|html?|vue|swift|lua|tf|gradle|ipynb|env|log)\b(?!\w)|\bDockerfile\b|\bMakefile\b
        |(?:^|\s)(?:src|lib|app|tests?|pkg|cmd)/\w*""",
        code=2.0,
    ),
    _cue(
        "it names an identifier",
        r"""\b[a-z]+(?:_[a-z0-9]+)+\b|\b[a-z]+[A-Z]\w+\b|\b[A-Z][a-z0-9]+[A-Z][a-z]\w+\b""",
        0,
        code=1.6,
    ),
    _cue(
        "it names a programming language or tool",
        r"""\b(?:python|javascript|typescript|golang|kotlin|c\+\+|c\#|rust|sql|bash|powershell|css|html5?|regex|regexp|
        regul[äa]r(?:er)?\sausdruck|expresi[oó]n\sregular|git|github|docker(?:file)?|compose|kubernetes|kubectl|k8s|
        helm|terraform|ansible|nginx|apache|systemd|cron(?:tab)?|npm|yarn|pip|cargo|maven|gradle|webpack|vite|pytest|
        jest|pandas|numpy|polars|pytorch|django|flask|fastapi|spring|react|vue|angular|node(?:\.?js)?|postgres(?:ql)?|
        mysql|sqlite|mongodb|redis|kafka|grpc|json|yaml|toml|xml|dataframe|linux|ubuntu|vim|tmux|ssh|grep|sed|awk|jq|
        curl|rsync|chmod)\b|(?-i:\b(?:SQL|CSS|HTML|API|CLI|PHP|Java|Ruby|Swift|Perl|Scala|Haskell|Lua|R)\b)
        |\bshell\s?script|\bjava\b(?!\s(?:island|coffee|sea))|(?-i:\bin\s(?:C|R|Go)\b)""",
        code=2.0,
    ),
    _cue(
        "it speaks of programming",
        r"""\b(?:functions?\s(?:that|which|to)|linked\slist|sorted\s(?:list|array)s?|(?:binary|syntax)\stree|
        algorithms?|recursi(?:on|ve)|div|modules?\simports?|class\s(?:method|hierarchy)|unit\stests?|stack\soverflow|list\scomprehension|endpoint|compile[rds]?|compiler|segfault|linter|
        refactor|debug(?:ging|ger)?|bug|commit|pull\srequest|merge\sconflict|branch(?:es)?|rebase|stash|repo(?:sitory)?|codebase|
        script|one-?liner|einzeiler|snippet|dependency\s(?:tree|injection)|container|subprocess|mutex|thread-?safe|
        null\s?pointer|variable|loop|bucle|boucle|schleife|laço|array|hash\s?map|dict(?:ionary)?|string\s(?:in|to)\b|decorator|
        async|await|callback|middleware|css\sselector|query\sthat|join\s(?:two|the)\stables?|tables?\s(?:are|is)\b|timeout|
        stdout|stderr|stdin|env(?:ironment)?\svar\w*|config(?:uration)?\sfile|workflow\sfile|função|función|fonction|funktion|
        skript|programm?a?\s(?:that|das|que)|método|methode\s\w+\(|clase\s[A-Z]\w+)\b|代码|函数|脚本|正则|循环|报错|接口|编译|数据库
        |コード|関数|スクリプト""",
        code=1.8,
    ),
    _cue(
        "it asks where code stands",
        r"""\b(?:where|which\sfile|dónde|donde|wo|où|onde)\b.*\b(?:defin\w+|validate|implement\w*|declar\w+|call(?:s|ed)?|
        initiali[sz]\w*|parse[sd]?|handled?|set)\b""",
        code=1.2,
    ),
    _cue(
        "it asks for code to be changed",
        r"""^\W*(?:pls\s|please\s)?(?:fix\s*(?:$|\n)|(?:fix|make)\s(?:it|this)\s(?:async|faster|generic
        |recursive|thread\W?safe|a\s(?:class|function|one-?liner)|work\b))""",
        code=2.0,
    ),
    _cue("it shows something in backticks", r"`[^`\n]+`", code=0.9),
    _cue(
        "it asks about a page's layout",
        r"""\b(?:cabeçalho|header|footer|navbar|sidebar|div|column|flexbox|grid|sticky|encabezado)\b.*
        \b(?:fix[oae]?d?|scrolls?|rola|align\w*|cent(?:er|re)\w*|overflow\w*|responsive|sticky)\b""",
        code=1.8,
    ),
    # Prose
    _cue(
        "it asks for writing",
        r"""\b(?:write|draft|compose|redacta\w*|escribe\w*|schreib\w*|verfasse|rédige\w*|écris|escreve\w*|redige|scrivi)\b
        .*\b(?:e-?mails?|mails?|letter|note|haiku|poem|limerick|song|story|speech|toast|post|caption|invitation|correo|
        carta|poema|cuento|brief|gedicht|lettre|courriel|poème|carta|message|mensaje|nachricht|obituary|review|blurb)\b
        |\bspe[ae]ch\b|写一(?:封|篇|首|个)|帮我写|邮件""",
        general=2.5,
    ),
    _cue(
        "it asks for a rewriting or translation",
        r"""\b(?:rewrite|rephrase|reword|paraphrase|proofread|shorten|simplify|polish|make\s(?:it|this)\s(?:\w+\s){0,3}
        (?:shorter|longer|friendl\w+|formal|simpler|clearer|polite\w*|nicer|warmer)|boil\s(?:it|this)\sdown|translate|traduc\w+|
        traduz\w*|tradui\w+|übersetz\w*|reformul\w+|reescrib\w+|umformulier\w*|kürze|resum\w+|résum\w+|resúm\w+|summar\w+|
        zusammenfass\w*|fass\s.*\szusammen|tl;?dr|key\spoints|bullets?)\b|翻译|总结|概括|改写|要約|翻訳""",
        general=2.2,
    ),
    _cue(
        "it asks about a document",
        r"""\b(?:according\sto|lease|contract|policy|polic(?:y|ies)|manual|handbook|leaflet|guide|clause|agreement|report|
        minutes|invoice|insurance|warranty|letter|section\s\d|chapter|paragraph|statute|law|deposit|landlord|tenant|patient|
        doctor'?s?|recipe|cards?|primer|folleto|contrato|convenio|póliza|acta|manual|informe|ley|cláusula|receta|factura|
        vertrag|mietvertrag|richtlinie|handbuch|bericht|rechnung|gesetz|klausel|\w+klausel|contrat|bail|règlement|notice|rapport|
        facture|loi|assurance|folheto|apólice|relatório|fatura|garantia|bula)\b|[\w-]+\.(?:pdf|docx?|odt|pptx?|xlsx?|epub|rtf)\b
        |合同|报告|手册|规定|政策|条款|契約""",
        general=1.4,
    ),
    _cue(
        "it asks what something says",
        r"""\b(?:what\s(?:is|does|do|did)\s.*\b(?:say|in\sthe|mean|cover|state)\b|qué\sdice|que\sdice|o\sque\s.*\sdiz|
        was\s(?:steht|sagt)|que\sdit|cosa\sdice|how\smuch\snotice|does\sthat\salso|am\si\s(?:allowed|entitled)|can\si\s|
        me\stocan|retention|deadline)""",
        general=1.2,
    ),
    _cue(
        "it asks how or why in everyday life",
        r"""^\W*(?:why\s(?:did|does|do|is|are|was|were)|how\s(?:do|can|should|to|does|did)|por\squé|cómo|como\s|wie\s(?:kann|bekomme|mache|
        entferne)|warum|weshalb|pourquoi|comment|por\sque|perché|what'?s\sthe\sdifference|what\scauses|explain)\b|为什么|怎么|如何
        |なぜ|どうやって""",
        general=1.0,
    ),
    # Several parts, weighing, planning, design
    _cue(
        "it weighs options",
        r"""\b(?:pros?\s(?:and|&)\scons?|trade-?offs?|weigh\b|versus|vs\.?\s|should\s(?:we|i)\s.*\bor\b|worth\s(?:it|migrating|
        switching)|ventajas|desventajas|pros\sy\scontras|vale\sla\spena|merece\sla\spena|pès\w+\sle\spour|avantages|inconvénients|
        wäg\w*\s|vor-?\s?und\snachteile|abwäg\w*|prós\s(?:e|y)\scontras|vantagens|pro\se\scontro|decide\sbetween|which\s(?:one\s)?
        (?:is|should|would)\s.*(?:best|better|choose|pick)|is\sbest\sfor|\w+\sor\s\w+\?\s\w+|depende\sde)\b|利弊|优缺点|权衡|比较|方案""",
        complex=2.6,
    ),
    _cue(
        "it compares things in depth",
        r"""\b(?:compare|compara\w*|vergleich\w*|confronta\w*|comparez|side\sby\sside|contrast\s|cross-?check|reconcil\w+|
        contradict\w*|cruza\s|analy[sz]e\w*|analiza\w*|analisa\w*|analysier\w*|evaluat\w+|assess\b|argue\b|razona\w*)|分析|对比""",
        complex=2.0,
    ),
    _cue(
        "it plans",
        r"""\b(?:(?:make|draft|create|build|write|prepare|propose|monta\w*|prepár\w*|prepara\w*|erstelle?|élabore\w*|haz\w*)\b.*
        \b(?:plan|roadmap|itinerary|schedule|roteiro|itinerario|strategy|strat[ée]gie|estrategia|curriculum|programm)|
        ^plan\s(?:a|an|the|my|our|out)|\d+[-\s](?:day|week|month|year|step|phase)\s.*\bplan|plan\s(?:de|für|pour|d')\s?\w+|
        stratégie\sde|migrat\w+\s(?:plan|of|to|from)|(?:three|four|five|tres|cuatro|trois|drei|três)\s(?:phases?|fases|phasen|steps)|
        por\sfases|en\sfases|by\sphase|budget|presupuesto|orçamento)\b|计划|规划|方案""",
        complex=1.8,
    ),
    _cue(
        "it designs",
        r"""\b(?:design\s(?:a|an|the|our)|dise[ñn]a\w*\s|entwirf|entwerfe|conçois|projete|architect\w*|arquitectura|arquitetura|architektur|
        refactor\s.*(?:,|\band\b).*\b(?:packages|modules|services|layers?)\b|module\sboundaries|refactoring\ssteps|rework\s|multi-?tenant|caching\slayer|scal(?:e|able|ability)\b|system\sdesign|
        data\smodel|what\swould\sit\stake|split\s\w+\W?\s(?:out|into)|monolith|microservices?|decouple|migrate\b)|架构|设计""",
        complex=2.2,
    ),
    _cue(
        "it asks for reasoning in steps",
        r"""\b(?:step[\s-]by[\s-]step|show\s(?:each|every|your)\s(?:step|work\w*|reasoning)|think\s(?:it\s)?through|walk\sme\st?h?rough|
        paso\sa\spaso|schritt\sfür\sschritt|étape\spar\sétape|passo\sa\spasso|work\sout\s(?:who|what|how)|assumptions|stress(?:-test)?\s
        (?:them|it)|deduce|prove\sthat|reason(?:ed)?\s(?:through|why)|consider\s(?:the\s)?\w+.*,)|一步一步|逐步|推理""",
        complex=2.2,
    ),
    _cue(
        "it draws on several documents",
        r"""\b(?:across\s(?:all|the|both|these)|all\s(?:the\s)?\d{0,4}\s?\w*\s?(?:reports|documents|files|contracts|minutes|incidents)|
        using\sthe\s\w+,|both\s(?:documents|reports|contracts|files)|the\s(?:two|three|four|five|old\sand)\s(?:the\snew\s)?\w+\s?
        (?:offers|reports|contracts|documents|agreements|proposals)?|los\s(?:dos|tres|cuatro|cinco)\s\w+|les\s(?:deux|trois|quatre)\s\w+|
        die\s(?:zwei|beiden|drei|vier)\s\w+|os\s(?:dois|três|quatro)\s\w+|patterns?\sdo\syou\ssee|em\sconjunto|synthes\w+|briefing|
        \d{4}(?:,|\s(?:e|y|und|et|and))\s.*\d{4})\b|综合""",
        complex=1.6,
    ),
    _cue(
        "it lists several things to do",
        r"""\b(?:list\sthe\srisks|(?:and|then|y|et|und|e)\s(?:explain|suggest|propose|tell\sme|say|recommend|argue|flag|list|justify|
        explica|razona|propón|recomienda|di\s|diz|dis-moi|erkläre|begründe|what\s(?:should|breaks|to\sdo)|what\s+we\s|which\s|how\swe|
        qué\shacer|o\sque)|first\s.*\bthen\b|order\sof\s(?:the\s)?steps|rank\sthe|root\scauses|including|with\srisks|risques|riesgos|riscos|risiken|dependencies|dépendances|
        dependencias|recommend(?:ation)?s?)\b|并(?:给出|说明|提出)|建议""",
        complex=1.4,
    ),
)

# A longer request is judged by its beginning and its end, where people say what they want; some
# patterns take the square of a text's length.
BEGINNING_CHARACTERS = 1500
END_CHARACTERS = 500
# A request with at least so many words has more than one part more often than not.
LONG_WORDS = 28
SHORT_WORDS = 6
# A longer question is general when nothing else speaks; a shorter remark is talk.
PRIOR: Mapping[Kind, float] = {"trivial": 0.0, "code": 0.0, "general": 0.8, "complex": 0.0}
ORDER: tuple[Kind, ...] = ("complex", "code", "general", "trivial")

WORD = re.compile(r"[\w'’]+")
CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
ASKS = re.compile(
    r"""\?|？|吗|呢|^\W*(?:please\s|pls\s)?(?:how|what|why|when|where|which|who|can|could|does|do|is|are|should|would|will|
    write|make|give|tell|show|explain|find|list|draft|plan|translate|summari[sz]e|compare|design|fix|add|create|help|i\sneed|
    cómo|qué|por\squé|cuá\w+|dónde|quién|dime|haz|escribe|wie|was|warum|wo|wer|comment|pourquoi|quel\w*|como|qual|que|o\sque|
    cosa|come|perché)\b""",
    re.IGNORECASE | re.VERBOSE,
)


def scores(text: str) -> tuple[dict[Kind, float], list[tuple[Kind, float, str]]]:
    """Each kind's score, and (kind, weight, reason) of every cue that was found."""
    if len(text) > BEGINNING_CHARACTERS + END_CHARACTERS:
        text = f"{text[:BEGINNING_CHARACTERS]}\n{text[-END_CHARACTERS:]}"
    total: dict[Kind, float] = dict(PRIOR)
    found: list[tuple[Kind, float, str]] = []
    for cue in CUES:
        if cue.pattern.search(text):
            found += [(kind, weight, cue.reason) for kind, weight in cue.weights.items()]
    found += _by_shape(text)
    for kind, weight, _ in found:
        total[kind] += weight
    return total, found


def kind(text: str) -> tuple[Kind, tuple[str, ...]]:
    """The kind with the highest score, and the reasons that spoke for it, strongest first."""
    total, found = scores(text)
    best = max(ORDER, key=lambda one: total[one])
    ranked = sorted((weight, reason) for one, weight, reason in found if one == best)
    reasons = [reason for _, reason in reversed(ranked)]
    return best, tuple(reasons) or ("nothing speaks for another kind",)


def _by_shape(text: str) -> list[tuple[Kind, float, str]]:
    words = len(WORD.findall(text)) + len(CJK.findall(text)) // 2
    found: list[tuple[Kind, float, str]] = []
    if words <= SHORT_WORDS and not ASKS.search(text):
        found.append(("trivial", 1.0, "it is short and asks for nothing"))
    elif words <= SHORT_WORDS:
        found.append(("trivial", 0.3, "it is short"))
    if words >= LONG_WORDS:
        found.append(("complex", 0.8, "it is long"))
    parts = text.count(",") + text.count(";") + text.count("，") + text.count("、")
    if parts >= 3:
        found.append(("complex", 0.5, "it has several parts"))
    return found
