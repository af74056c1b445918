from pathlib import Path

import pytest

from tests.docs.outputs import agrees, wrong
from tests.docs.pages import Step, blocks
from tests.docs.shell import Outcome, Shell

PAGE = """\
Look around:

```console
$ echo one
one
$ cat <<'END'
> two
> END
two
$ true
```

*Not run by the tests: it needs another machine.*

```sh
echo over there
```

```sh
# a remark
echo three \\
  four
echo five
```
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "page.md").write_text(PAGE)
    return tmp_path / "page.md"


def test_commands_are_read_with_what_they_say(page: Path) -> None:
    console, left_out, script = blocks(page)
    assert console.steps() == [
        Step(4, "echo one", "one"),
        Step(6, "cat <<'END'\ntwo\nEND", "two"),
        Step(10, "true"),
    ]
    assert (console.reason, left_out.reason) == ("", "it needs another machine")
    assert script.steps() == [Step(21, "echo three \\\n  four"), Step(23, "echo five")]


@pytest.mark.parametrize(
    ("said", "output", "whether"),
    [
        ("a b", "a\n  b\n", True),
        ("a … c", "a b c", True),
        ("a … c", "a c", True),
        ("a …", "a b\nc", True),
        ("a", "a b", False),
        ("a … c", "a b", False),
        ("a.c", "abc", False),
    ],
)
def test_outputs_agree_but_for_what_varies(said: str, output: str, whether: bool) -> None:
    assert agrees(said, output) is whether


def test_a_shell_keeps_what_was_set_and_tells_failures(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.type("mkdir there && cd there && export A=1")
        assert shell.type('echo "$A ${PWD##*/}"').output.strip() == "1 there"
        assert shell.type("echo no >&2; false").code == 1


@pytest.mark.parametrize(
    ("outcome", "part"),
    [(Outcome("one\n", 0), ""), (Outcome("one\n", 3), "exit code 3"), (Outcome("two\n", 0), "two")],
)
def test_a_page_that_is_wrong_is_seen(outcome: Outcome, part: str) -> None:
    found = wrong(Step(1, "echo one", "one"), outcome)
    assert part in found
    assert bool(found) is bool(part)


def test_what_follows_a_program_is_its_output(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1)\n```\n\n```\n1\n```\n")
    (block,) = blocks(page)
    (step,) = block.steps()
    with Shell(tmp_path) as shell:
        assert (step.output, wrong(step, shell.type(step.command))) == ("1\n", "")
