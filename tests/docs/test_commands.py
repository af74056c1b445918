import re
from pathlib import Path

import pytest

from tests.docs.outputs import wrong
from tests.docs.pages import ROOT, Block, Step, blocks, is_sound, pages
from tests.docs.shell import SERVE, Shell

BLOCKS = {page.relative_to(ROOT).as_posix(): blocks(page) for page in pages()}
RUN = {name: [each for each in found if not each.reason] for name, found in BLOCKS.items()}
LEFT_OUT = [(name, each) for name, found in BLOCKS.items() for each in found if each.reason]
COMMAND = re.compile(r"^(?:\$|trinax|curl|make|pip|python|docker) .*", re.MULTILINE)


def steps(name: str) -> list[Step]:
    return [step for block in RUN[name] for step in block.steps()]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in RUN if RUN[name]])
def test_the_commands_of_a_page_do_what_it_says(name: str, home: Path) -> None:
    typed = steps(name)
    with Shell(home) as shell:
        if not SERVE.match(typed[0].command):
            shell.serve()
        for step in typed:
            assert is_sound(step.command), f"{name}:{step.line}: {step.command}"
            assert (step.line, wrong(step, shell.type(step.command))) == (step.line, "")


def test_what_is_not_run_is_the_exception() -> None:
    run = sum(len(steps(name)) for name in RUN)
    left_out = sum(len(block.steps()) for _, block in LEFT_OUT)
    assert run >= 100
    assert left_out < run / 2


@pytest.mark.parametrize(("name", "block"), LEFT_OUT)
def test_what_is_not_run_can_be_read_by_a_shell(name: str, block: Block) -> None:
    assert all(is_sound(step.command) for step in block.steps())


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_no_command_hides_in_a_block_without_a_language(page: Path) -> None:
    text = "".join(block.text for block in blocks(page, languages=("",)))
    assert COMMAND.findall(text) == []
