"""Texts that cost a careless reader its time, its memory or its stack."""

import random
from collections.abc import Iterator, Mapping

DEEP = 30_000
WIDE = 500_000
LINE = 10_000_000
SUFFIXES = ("md", "txt", "py", "json", "csv", "html")

BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol">{entities}]>
<lolz>&{last};</lolz>
"""


def texts() -> Mapping[str, bytes]:
    """By name."""
    return {
        **{name: text.encode() for name, text in {**_deep(), **_wide()}.items()},
        **dict(_bytes()),
        **dict(_encoded()),
    }


def xml_bomb() -> str:
    """Billion laughs (CVE-2003-1564): 3 000 000 000 characters if it is believed."""
    names = "bcdefghij"
    entities = "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("a" + names, names, strict=False)
    )
    return BOMB.format(entities=entities, last=names[-1])


def _deep() -> Mapping[str, str]:
    return {
        "brackets.json": "[" * DEEP,
        "closed.json": "[" * DEEP + "]" * DEEP,
        "objects.json": '{"a":' * DEEP + "1" + "}" * DEEP,
        "flow.yaml": "[" * DEEP,
        "indented.yaml": "".join(" " * n + "a:\n" for n in range(1500)),
        "anchors.yaml": "a: &a [x]\n"
        + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n"
            for n in range(9)
        ),
        "inline.toml": "a = " + "[" * DEEP,
        "dotted.toml": "[" + ".".join("a" * DEEP) + "]\nb = 1\n",
        "divs.html": "<div>" * DEEP + "deep",
        "closed.html": "<div>" * DEEP + "deep" + "</div>" * DEEP,
        "tables.html": "<table><tr><td>" * DEEP + "deep",
        "lists.html": "<ul><li>" * DEEP + "deep",
        "fonts.html": "<b><i><font>" * DEEP + "deep",
        "elements.xml": "<a>" * DEEP + "deep" + "</a>" * DEEP,
        "bomb.xml": xml_bomb(),
        "bomb.svg": xml_bomb(),
        "quotes.md": ">" * DEEP + " deep",
        "lists.md": "".join("  " * n + "- deep\n" for n in range(1000)),
        "brackets.md": "[" * DEEP + "](" * DEEP,
        "emphasis.md": "*" * DEEP + "a" + "_" * DEEP,
        "fences.md": "```\n" * (DEEP + 1),
        "headings.md": "".join(f"{'#' * (1 + n % 6)} H{n}\n" for n in range(DEEP)),
        "parentheses.py": "(" * DEEP,
        "indented.py": "".join(" " * n + "if a:\n" for n in range(1500)),
        "classes.py": "".join("    " * n + f"class A{n}:\n" for n in range(800)),
        "strings.py": "'''" * DEEP,
        "braces.c": "void f(void) " + "{" * DEEP,
        "templates.cpp": "A<" * DEEP,
        "functions.js": "function f(){" * DEEP,
        "arrows.ts": "a=>(" * DEEP,
        "generics.rs": "fn f<" + "A<" * DEEP,
        "classes.java": "class A {" * DEEP,
        "selects.sql": "SELECT * FROM (" * DEEP,
        "substitutions.sh": "$(" * DEEP,
        "heredocs.sh": "cat <<A\n" * DEEP,
        "tags.php": "<?php " * DEEP,
        "blocks.rb": "begin\n" * DEEP,
        "cells.ipynb": '{"cells": [' + '{"cell_type": "markdown", "source": [' * DEEP,
    }


def _wide() -> Mapping[str, str]:
    letters = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz", k=WIDE))
    return {
        "line.txt": "word " * (LINE // 5),
        "line.json": "[" + "1," * (WIDE // 2) + "1]",
        "letters.txt": letters,
        "letters.md": "# " + letters,
        "letters.py": letters,
        "letters.csv": letters,
        "minified.js": "var a=function(b){return b};" * (WIDE // 28),
        "blanks.txt": " " * WIDE,
        "tabs.py": "\t" * WIDE,
        "lines.txt": "\n" * WIDE,
        "returns.md": "a\r" * (WIDE // 2),
        "separators.txt": "a\u2028b\u2029" * (WIDE // 8),
        "columns.csv": ",".join(["a"] * (WIDE // 2)) + "\n" + ",".join(["b"] * (WIDE // 2)),
        "columns.md": "|" + "a|" * 100_000 + "\n|" + "-|" * 100_000 + "\n|" + "b|" * 100_000,
        "open.csv": 'a,b\n"' + "x,y\n" * (WIDE // 4),
        "quotes.csv": '"' * WIDE,
        "records.jsonl": '{"a": 1}\n' * 50_000,
        "keys.json": "{" + ",".join(f'"k{n}": {n}' for n in range(50_000)) + "}",
        "number.json": "9" * WIDE,
        "comment.html": "<!--" * (WIDE // 4),
        "attributes.html": "<a " + "b=c " * (WIDE // 4) + ">x",
        "entities.html": "&amp" * (WIDE // 4),
        "script.html": "<script>" + "x" * WIDE,
        "turns.log": "[12:03] Anna: lamp\n" * 40_000,
        "dots.txt": "." * WIDE,
        "sentences.txt": "A. " * (WIDE // 3),
        "title.rst": "=" * WIDE + "\nTitle\n" + "=" * WIDE,
        "underlines.rst": "a\n=\n" * 50_000,
        # One letter under a tower of marks, and one that NFKC makes 18 of.
        "marks.txt": "a" + "\u0301" * (WIDE // 4),
        "mixed-marks.txt": "a" + "\u0301\u0323" * (WIDE // 8),
        "expanding.txt": "\ufdfa" * (WIDE // 10),
        "joiners.txt": "\u200d" * (WIDE // 4),
        "cjk.txt": "灯塔的守护人" * (WIDE // 20),
        "emoji.txt": "👩‍👩‍👧‍👦" * (WIDE // 30),
        "insert.sql": "INSERT INTO t VALUES " + "(1, 'a')," * 50_000 + "(1, 'a');",
        "front-matter.md": "---\n" + "a: b\n" * 100_000,
        "links.md": "[a](b)" * 50_000,
        "backticks.md": "".join("`" * n + " " for n in range(1200)),
    }


def _bytes() -> Iterator[tuple[str, bytes]]:
    noise = random.Random(2)
    yield "empty.md", b""
    yield "empty.pdf", b""
    yield "empty.docx", b""
    yield "empty.html", b""
    yield "nul.txt", b"\0"
    yield "nuls.md", b"\0" * 100_000
    yield "nul-inside.md", b"# Note\n\nalpha\0beta\n"
    yield "nul-at-the-end.py", b"x = 1\n\0"
    yield "controls.txt", bytes(range(1, 32)) * 1000
    for suffix in (
        *SUFFIXES,
        "pdf",
        "docx",
        "xlsx",
        "xls",
        "ods",
        "eml",
        "rtf",
        "epub",
        "pptx",
        "odt",
    ):
        yield f"noise.{suffix}", noise.randbytes(20_000)
    for suffix in SUFFIXES:
        yield f"program.{suffix}", b"\x7fELF\x02\x01\x01" + bytes(9) + noise.randbytes(5000)
    yield "picture.md", b"\x89PNG\r\n\x1a\n" + noise.randbytes(5000)
    yield "archive.txt", b"PK\x03\x04" + noise.randbytes(5000)
    yield "old-word.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + noise.randbytes(5000)
    yield "packed.html", b"\x1f\x8b\x08\x00" + noise.randbytes(5000)


def _encoded() -> Iterator[tuple[str, bytes]]:
    words = "Der Leuchtturmwärter heißt Jürgen und wohnt auf der Düne.\n" * 20
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-7", "cp037", "hz", "iso2022_jp"):
        yield f"{encoding}.txt", words.encode(encoding, "replace")
    for encoding, text in (
        ("shift_jis", "灯台守は毎晩ランプに火をともす。\n"),
        ("gb18030", "灯塔看守人每晚点灯。\n"),
        ("koi8-r", "Смотритель маяка зажигает лампу.\n"),
        ("cp1253", "Ο φύλακας του φάρου ανάβει τη λάμπα.\n"),
        ("euc_kr", "등대지기는 매일 밤 등을 켠다.\n"),
    ):
        yield f"{encoding}.md", text.encode(encoding) * 30
    yield "mark-utf-16.md", b"\xff\xfe" + words.encode("utf-16-le")[:-1]
    yield "mark-utf-8.md", b"\xef\xbb\xbf" + words.encode("latin-1")
    yield "marks-inside.md", ("\ufeff" + words + "\ufeff" + words).encode()
    yield "overlong.txt", b"\xc0\xaf\xe0\x80\xaf" * 1000
    yield "surrogates.txt", b"\xed\xa0\x80\xed\xb0\x80" * 1000
    yield "mixed.txt", words.encode() + words.encode("latin-1") + words.encode("utf-16-le")
    yield "declared.py", b"# -*- coding: rot13 -*-\nx = 1\n"
    yield "declared.html", b"<meta charset=utf-7>+ADw-script+AD4-"
    yield "declared.xml", b'<?xml version="1.0" encoding="ebcdic-cp-us"?><a>x</a>'
    yield "cut.txt", words.encode()[:-1] + "灯".encode()[:2]
