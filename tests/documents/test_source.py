import pytest

from tests.documents.documents import chunked
from trinax.documents import source
from trinax.documents.packing import Block

BODY = "".join(f"    total_{n} = compute(total_{n - 1}, {n})\n" for n in range(1, 13))


def _paths(blocks: tuple[Block, ...]) -> list[str]:
    return [
        name
        for block in blocks
        for name in ([".".join(block.path)] if block.path else []) + _paths(block.parts)
    ]


SOURCES = {
    "python": ("class A:\n    def b(self):\n        pass\n\n\ndef c():\n    pass\n", "A A A.b c"),
    "javascript": (
        "class A {\n  b() {}\n}\nfunction c() {}\nconst d = () => {\n  x()\n}\n"
        "module.exports.e = function () {}\n",
        "A A A.b A c d module.exports.e",
    ),
    "typescript": (
        "export interface A {\n  x: number\n}\n"
        "export default class B {\n  @dec\n  c(): void {}\n}\n",
        "A B B B.c B",
    ),
    "tsx": ("export const App = () => {\n  return <p>hi</p>\n}\n", "App"),
    "go": (
        "package p\n\ntype A struct {\n\tx int\n}\n\nfunc (a A) B() {\n}\n\nfunc c() {}\n",
        "A A.B c",
    ),
    "rust": (
        "struct A;\n\nimpl A {\n    fn b(&self) {}\n}\n\n#[test]\nfn c() {}\n",
        "A A A A.b A c",
    ),
    "java": ("class A {\n  A() {}\n\n  @Override\n  int b() { return 1; }\n}\n", "A A A.A A.b A"),
    "c": ("#include <x.h>\n\nstruct a {\n  int x;\n};\n\nstatic int *b(int c)\n{\n}\n", "a b"),
    "cpp": (
        "namespace n {\nclass A {\n  void b() {}\n};\n}\n\n"
        "template <class T>\nT c(T x) { return x; }\n",
        "n n n.A n.A n.A.b n.A n c",
    ),
    "csharp": (
        "namespace N\n{\n  class A\n  {\n    int B() { return 1; }\n  }\n}\n",
        "N N N.A N.A N.A.B N.A N",
    ),
    "ruby": ("module M\n  class A\n    def b\n    end\n  end\nend\n", "M M M.A M.A M.A.b M.A M"),
    "php": ("<?php\nclass A {\n  function b() {}\n}\n\nfunction c() {}\n", "A A A.b A c"),
    "sql": (
        "CREATE TABLE a (\n  x INT\n);\n\nSELECT 1;\n\nCREATE VIEW b AS SELECT 1;\n",
        "a b",
    ),
    "shell": ("set -e\n\nbuild() {\n  make\n}\n\nbuild\n", "build"),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_definitions_nest_in_every_language(kind: str) -> None:
    text, expected = SOURCES[kind]
    (root,) = source.outline(text, kind).blocks
    assert _paths(root.parts) == expected.split()


@pytest.mark.parametrize("kind", SOURCES)
def test_unfinished_source_still_has_an_outline(kind: str) -> None:
    text = SOURCES[kind][0]
    for end in range(0, len(text), 7):
        (root,) = source.outline(text[:end], kind).blocks
        assert (root.start, root.end) == (0, end)


def test_a_function_is_a_chunk_with_its_path_as_context() -> None:
    text = f"class Shop:\n  def buy(self):\n{BODY}\n  def sell(self):\n{BODY}\n"
    found = chunked(text, "a/shop.py", "python")
    assert [chunk.context for chunk in found] == [
        "a/shop.py: a/shop › Shop › buy",
        "a/shop.py: a/shop › Shop › sell",
    ]


def test_decorators_and_comments_stay_with_their_function() -> None:
    above = "# Why it is so.\n# And more.\n@cache\n@wraps(\n    f\n)\n"
    text = f"def a():\n{BODY}\n\n{above}def b():\n{BODY}\n"
    assert chunked(text, "m.py", "python")[1].text.startswith(above + "def b")


def test_a_comment_set_apart_belongs_to_no_function() -> None:
    text = "def a():\n    pass\n\n# ---- section ----\n\ndef b():\n    pass\n"
    (root,) = source.outline(text, "python").blocks
    assert [text[block.start :][:5] for block in root.parts] == ["def a", "# ---", "def b"]


def test_a_long_function_is_cut_at_its_own_statements() -> None:
    loop = "    for x in y:\n        use(x)\n        use(x, x)\n\n"
    text = f"def long():\n{loop * 40}"
    found = chunked(text, "m.py", "python")
    assert len(found) > 2
    assert all(chunk.text.startswith("    for") for chunk in found[1:])


def test_small_functions_share_a_chunk_within_half_the_limit() -> None:
    text = "".join(f"def f{n}():\n    return {n}\n\n\n" for n in range(60))
    found = chunked(text, "m.py", "python")
    assert all(64 < chunk.tokens <= 128 for chunk in found[:-1])


def test_an_edit_leaves_the_chunks_of_other_functions_alone() -> None:
    functions = [f"def f{n}():\n{BODY}\n\n" for n in range(6)]
    before = {chunk.id for chunk in chunked("".join(functions), "m.py", "python")}
    functions[2] = functions[2].replace("compute", "guess")
    after = {chunk.id for chunk in chunked("".join(functions), "m.py", "python")}
    assert (len(before), len(before & after)) == (6, 5)


def test_lines_that_two_definitions_share_are_not_lost() -> None:
    text = "def a(): pass; x = lambda: 1\nclass B: pass\n" + "function c(){}" * 300
    found = chunked(text, "m.js", "javascript")
    assert "".join("".join(chunk.text.split()) for chunk in found) == "".join(text.split())


def test_characters_are_placed_right_after_others_of_many_bytes() -> None:
    text = "x = '日本🙂'\n\n\ndef a():\n    pass\n\ndef ü():\n    pass\n"
    (root,) = source.outline(text, "python").blocks
    assert [text[block.start :][:5] for block in root.parts] == ["x = '", "def a", "def ü"]


def test_functions_nested_without_end_are_chunked() -> None:
    text = "".join(" " * n + f"def f{n}():\n" for n in range(400)) + " " * 400 + "pass\n"
    assert max(chunk.tokens for chunk in chunked(text, "m.py", "python")) <= 256


@pytest.mark.timeout(20)
def test_comments_above_a_line_of_many_definitions_take_no_time() -> None:
    text = "-- c\n" * 20_000 + "CREATE TABLE a(b int);" * 20_000
    assert source.outline(text, "sql").blocks[0].parts[0].start == 0
