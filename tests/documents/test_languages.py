import pytest

from trinax.documents.languages import BY_SUFFIX, OUTDATED, READ_AS_MARKDOWN, kind, newer_suffix


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("README.md", "markdown"),
        ("docs/Index.HTML", "html"),
        ("a/b.tar.gz", None),
        ("paper.pdf", "pdf"),
        ("letter.docx", "docx"),
        ("Deck.PPTM", "pptx"),
        ("numbers.xlsx", "sheet"),
        ("numbers.xls", "sheet"),
        ("numbers.ods", "sheet"),
        ("letter.odt", "odt"),
        ("deck.odp", "odp"),
        ("book.epub", "epub"),
        ("message.eml", "mail"),
        ("inbox.mbox", "mbox"),
        ("letter.rtf", "rtf"),
        ("letter.doc", None),
        ("x.py", "python"),
        ("x.tsx", "tsx"),
        ("x.h", "c"),
        ("x.hpp", "cpp"),
        ("x.cs", "csharp"),
        ("photo.JPG", None),
        ("model.gguf", None),
        ("data.csv", "csv"),
        ("Makefile", "make"),
        ("Dockerfile.dev", "docker"),
        ("CMakeLists.txt", "config"),
        ("notes.unheardof", "text"),
        ("LICENSE", "text"),
        (".gitignore", "text"),
        ("index.rst", "rst"),
    ],
)
def test_names_tell_the_kind(file: str, expected: str | None) -> None:
    assert kind(file) == expected


@pytest.mark.parametrize(
    ("first_line", "expected"),
    [
        (b"#!/bin/sh\n", "shell"),
        (b"#!/usr/bin/env python3\nprint()", "python"),
        (b"#!/usr/bin/python3.11 -u\n", "python"),
        (b"#!/usr/bin/env -S node --trace\n", "javascript"),
        (b"#! /usr/bin/ruby\r\n", "ruby"),
        (b"#!/opt/unheard/of\n", "text"),
        (b"#!\n", "text"),
        (b"plain", "text"),
        (b"", "text"),
    ],
)
def test_a_shebang_tells_the_kind_of_a_bare_name(first_line: bytes, expected: str) -> None:
    assert kind("bin/tool", first_line) == expected


def test_a_suffix_outranks_the_shebang() -> None:
    assert kind("tool.py", b"#!/bin/sh\n") == "python"


def test_an_outdated_format_has_a_newer_one_that_is_read() -> None:
    assert newer_suffix("a/Letter.DOC") == ".docx"
    assert newer_suffix("letter.docx") == newer_suffix("photo.jpg") == newer_suffix("doc") == ""
    assert all(kind(f"x.{old}") is None and kind(f"x.{new}") for old, new in OUTDATED.items())


def test_every_kind_that_is_read_as_markdown_has_a_suffix() -> None:
    assert set(BY_SUFFIX.values()) >= READ_AS_MARKDOWN
