"""Definitions in source code, found by tree-sitter (the only importer of it and its grammars)."""

import re
from collections.abc import Callable
from functools import cache

import tree_sitter_bash
import tree_sitter_c
import tree_sitter_c_sharp
import tree_sitter_cpp
import tree_sitter_go
import tree_sitter_java
import tree_sitter_javascript
import tree_sitter_php
import tree_sitter_python
import tree_sitter_ruby
import tree_sitter_rust
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Query, QueryCursor

from trinax.documents.regions import NAME_CHARACTERS, Definition

GRAMMARS: dict[str, Callable[[], object]] = {
    "c": tree_sitter_c.language,
    "cpp": tree_sitter_cpp.language,
    "csharp": tree_sitter_c_sharp.language,
    "go": tree_sitter_go.language,
    "java": tree_sitter_java.language,
    "javascript": tree_sitter_javascript.language,
    "php": tree_sitter_php.language_php,
    "python": tree_sitter_python.language,
    "ruby": tree_sitter_ruby.language,
    "rust": tree_sitter_rust.language,
    "shell": tree_sitter_bash.language,
    "tsx": tree_sitter_typescript.language_tsx,
    "typescript": tree_sitter_typescript.language_typescript,
}

# Node types that define something under the field "name".
NAMED = {
    "c": "preproc_function_def",
    "cpp": "namespace_definition concept_definition preproc_function_def",
    "csharp": "namespace_declaration class_declaration interface_declaration struct_declaration"
    " enum_declaration record_declaration method_declaration constructor_declaration"
    " destructor_declaration property_declaration delegate_declaration local_function_statement",
    "go": "function_declaration type_spec type_alias",
    "java": "class_declaration interface_declaration enum_declaration record_declaration"
    " annotation_type_declaration method_declaration constructor_declaration"
    " compact_constructor_declaration",
    "javascript": "function_declaration generator_function_declaration class_declaration"
    " method_definition",
    "php": "function_definition class_declaration interface_declaration trait_declaration"
    " enum_declaration method_declaration",
    "python": "function_definition class_definition",
    "ruby": "class module method singleton_method",
    "rust": "function_item struct_item enum_item union_item trait_item mod_item macro_definition",
    "shell": "function_definition",
    "typescript": "function_declaration generator_function_declaration class_declaration"
    " abstract_class_declaration interface_declaration enum_declaration type_alias_declaration"
    " method_definition internal_module module",
}
NAMED["tsx"] = NAMED["typescript"]

# Definitions whose name stands elsewhere, or that count only with a body.
FUNCTION_VALUES = """
    (variable_declarator name: (identifier) @name
        value: [(arrow_function) (function_expression) (class)]) @definition
    (assignment_expression left: (_) @name
        right: [(arrow_function) (function_expression) (class)]) @definition
    (pair key: (_) @name value: [(arrow_function) (function_expression)]) @definition
"""
FIELD_FUNCTIONS = """
    (field_definition property: (_) @name
        value: [(arrow_function) (function_expression)]) @definition
"""
TYPED_FIELD_FUNCTIONS = """
    (public_field_definition name: (_) @name
        value: [(arrow_function) (function_expression)]) @definition
"""
STRUCTURES = """
    (function_definition declarator: (_) @name) @definition
    (struct_specifier name: (_) @name body: (_)) @definition
    (union_specifier name: (_) @name body: (_)) @definition
    (enum_specifier name: (_) @name body: (_)) @definition
    (type_definition type: [
        (struct_specifier !name body: (_))
        (union_specifier !name body: (_))
        (enum_specifier !name body: (_))
    ] declarator: (_) @name) @definition
"""
# The type that a method of Go belongs to stands before its name.
METHODS = """
    (method_declaration receiver: (_) @holder name: (_) @name) @definition
"""
FURTHER = {
    "c": STRUCTURES,
    "cpp": STRUCTURES + "(class_specifier name: (_) @name body: (_)) @definition",
    "go": METHODS,
    "javascript": FUNCTION_VALUES + FIELD_FUNCTIONS,
    "typescript": FUNCTION_VALUES + TYPED_FIELD_FUNCTIONS,
    "tsx": FUNCTION_VALUES + TYPED_FIELD_FUNCTIONS,
    "php": "(namespace_definition name: (_) @name body: (_)) @definition",
    "rust": "(impl_item type: (_) @name) @definition",
}

# What stands around a definition and belongs to it.
WRAPPERS = {
    "ambient_declaration",
    "decorated_definition",
    "export_statement",
    "template_declaration",
}
# What the receiver of a method says besides its type: "(s *Server[T])".
RECEIVER = re.compile(r"(\w+)(?: ?\[[^\]]*\])? ?\)\Z")

# 30 000 brackets that are never closed, a second of searching.
RUBBLE = 30_000**2


def definitions(kind: str, source: bytes) -> list[Definition]:
    """Functions, classes and their like, ordered by start; nested ones follow what holds them.

    They start and end at bytes. kind: a key of GRAMMARS. source: UTF-8; what does not parse
    yields what could be made out, and rubble yields nothing.
    """
    language, query = _grammar(kind)
    root = Parser(language).parse(source).root_node
    if _is_rubble(root):
        return []
    # Stopping it by a progress callback instead crashes tree-sitter 0.26.1 on broken sources.
    matches = QueryCursor(query).matches(root)
    found = [
        _definition(captures["definition"][0], captures["name"][0], source, captures.get("holder"))
        for _, captures in matches
    ]
    return sorted(found, key=lambda definition: (definition.start, -definition.end))


def _is_rubble(root: Node) -> bool:
    """Whether a query would take too long: it takes the square of what an error node holds."""
    work = 0
    nodes = [root] if root.has_error else []
    while nodes and work < RUBBLE:
        node = nodes.pop()
        if node.is_error:
            work += node.child_count**2
        nodes.extend(child for child in node.children if child.has_error)
    return work >= RUBBLE


@cache
def _grammar(kind: str) -> tuple[Language, Query]:
    language = Language(GRAMMARS[kind]())
    named = [f"({type_} name: (_) @name) @definition" for type_ in NAMED[kind].split()]
    return language, Query(language, "\n".join([*named, FURTHER.get(kind, "")]))


def _definition(
    node: Node, name: Node, source: bytes, holders: list[Node] | None = None
) -> Definition:
    # A C declarator holds the name inside: *f(int) → f.
    while (inner := name.child_by_field_name("declarator")) is not None:
        name = inner
    while node.parent is not None and node.parent.type in WRAPPERS:
        node = node.parent
    words = _words(name, source)
    if holders and (receiver := RECEIVER.search(_words(holders[0], source))):
        words = f"{receiver[1]}.{words}"
    return Definition(node.start_byte, node.end_byte, words[:NAME_CHARACTERS])


def _words(node: Node, source: bytes) -> str:
    words = source[node.start_byte : node.end_byte].decode("utf-8", "replace").split()
    return " ".join(words)
