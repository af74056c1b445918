"""Passages in fences that no text within can close, open or forge."""

import re
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from trinax.answering.records import Source
from trinax.documents.forms import nfkc

# A heading that is longer is shown by its beginning.
SECTION_LIMIT_CHARACTERS = 200
ELLIPSIS = "…"

# Every repetition below has a limit: passages may be hostile.
# Tags and marks that chat templates, tool calls, reasoning and infilling are written with.
# tests/answering/prompting/test_fencing.py holds them to all that trinax.models.chat knows.
_TAGS = (
    *("s", "pad", "unk", "sep", "cls", "ai", "用户", "image", "escape", "sys", "[se]op", "eo[ah]"),
    *("[be]os(?:_token)?", r"special_\d{1,5}", r"reserved_\d{1,5}"),
    *("(?:start|end)_(?:of|function)_[a-z_]{1,24}", r"unused_?\d{1,5}", r"extra_id_\d{1,5}"),
    *("thinking", "think", "tools", "tool_?calls?", "tool_(?:response|result|output)s?"),
    *("function_calls?", "arg_key", "arg_value", "fim_[a-z_]{1,24}", "reponame", "file_sep"),
    *("function", "parameter", "invoke", "im_(?:start|end)"),
)
_BRACKETED = (
    *("INST", "SYSTEM_PROMPT", "AVAILABLE_TOOLS", "TOOL_[A-Z]{1,16}", "ARGS", "CALL_ID", "THINK"),
    *("IMG[A-Z_]{0,8}", "(?:BEGIN_)?AUDIO", "MODEL_SETTINGS", "PREFIX", "SUFFIX", "MIDDLE"),
    *("[gs]?MASK", "CLS", "SEP", "PAD", "UNK", "BOS", "EOS"),
)
MARK = re.compile(
    r"<(?=/?[|｜](?:[^\s<>]{1,48}>|DSML))"  # <|im_start|>, <|channel>, <｜User｜>
    r"|<(?=[a-z_]{1,32}[|｜]>)"  # <tool_call|>
    rf"|<(?=<?/?(?:[a-z]{{1,16}}:)?(?i:{'|'.join(_TAGS)})(?:>|=| name=))"
    rf"|\[(?=/?(?:{'|'.join(_BRACKETED)})\])"
    r"|\[(?=\|[^\s\[\]]{1,32}\|\])"  # [|user|]
    r"|<(?=\[[^\s\[\]]{1,32}\]>)"  # <[begin▁of▁sentence]>
)
# What loads something from elsewhere where an answer that copies it is shown.
LOADING = re.compile(
    r"(?<![\w#])!(?=\[)"  # not #![allow(x)] and vec![x]
    r"|<(?=(?i:img|iframe|video|audio|embed|object|source)\s[^<>]{0,300}(?i:src|data)\s?=)"
)
# What could pass for the fence itself, in letters that look like it too.
OPENING = re.compile("[<\uff1c\ufe64\u2039\u3008\u2329\u27e8\u276e]")
FENCE_REACH = 40  # characters behind the bracket
UNSEEN = re.compile(r"[\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]+")
LOOKALIKES = str.maketrans("\u0430\u0435\u0455\u0440\u0261\u03b1\u03c1\u2215\u2044", "aespgap//")
# Letters that are not shown, or change the order of others, can hide what a text says from the
# people who read it. Joiners and direction marks that scripts and emoji need stay.
HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u202a-\u202e\u2066-\u2069\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
QUOTED = {ord("&"): "&amp;", ord('"'): "&quot;", ord("<"): "&lt;", ord(">"): "&gt;"}


def fenced(sources: Sequence[Source]) -> str:
    """The passages, each in a fence with its number and place, all in one.

    The fences' names end with letters that no passage has behind such a name, the same each time
    for the same passages.
    """
    written = [(_attributes(source), escaped(source.passage.chunk.text)) for source in sources]
    mark = _mark(text for pair in written for text in pair)
    passages = "\n\n".join(
        f"<passage-{mark} {attributes}>\n{text}\n</passage-{mark}>" for attributes, text in written
    )
    return f"<passages-{mark}>\n{passages}\n</passages-{mark}>"


def escaped(text: str) -> str:
    """With `&lt;`, `&#91;` or the like for the one character that begins a mark or an image; the
    rest as it is."""
    text = OPENING.sub(_unlike_a_fence, text)
    for pattern in (MARK, LOADING, HIDDEN):
        text = pattern.sub(_named, text)
    return text


def one_line(text: str) -> str:
    """Fit for an attribute."""
    return escaped(" ".join(text.split()).translate(QUOTED))


def _attributes(source: Source) -> str:
    chunk = source.passage.chunk
    place = one_line(f"{source.passage.collection}/{source.passage.file}")
    lines = f"{chunk.start_line}-{chunk.end_line}"
    section = chunk.context.strip()
    if len(section) > SECTION_LIMIT_CHARACTERS:
        section = section[:SECTION_LIMIT_CHARACTERS] + ELLIPSIS
    shown = f' section="{one_line(section)}"' if section else ""
    return f'n="{source.n}" file="{place}" lines="{lines}"{shown}'


def _mark(texts: Iterable[str]) -> str:
    whole = "\n".join(texts).casefold()
    start = int.from_bytes(blake2b(whole.encode("utf-8", "replace"), digest_size=2).digest(), "big")
    digits, free = 4, None
    while free is None:
        taken = set(re.findall(f"passages?-([0-9a-f]{{{digits}}})", whole))
        marks = (f"{(start + n) % 16**digits:0{digits}x}" for n in range(16**digits))
        free = next((mark for mark in marks if mark not in taken), None)
        digits += 1
    return free


def _unlike_a_fence(found: re.Match[str]) -> str:
    behind = found.string[found.end() : found.end() + FENCE_REACH]
    folded = UNSEEN.sub("", nfkc(behind).casefold())
    name = folded.translate(LOOKALIKES).removeprefix("/")
    return _named(found) if name.startswith("passage") else found[0]


def _named(found: re.Match[str]) -> str:
    return "&lt;" if found[0] == "<" else f"&#{ord(found[0])};"
