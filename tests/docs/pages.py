"""Pages as their readers see them: blocks of code, and the commands in them.

`console` holds commands after `$ `, their further lines after `> `, and what must come out, with
`…` for what varies; a command without output may say anything. Blocks of `sh` and `python` hold
what is run as it stands. What cannot be run here says so in the line above:
*Not run by the tests: why.*
"""

import re
import subprocess
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guide"
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
REASON = re.compile(r"\*Not run by the tests: (.+)\.\*")
RUN = ("console", "sh", "python")


@dataclass(frozen=True, slots=True)
class Step:
    """One command. line: of the page. output: what must come out; empty: anything."""

    line: int
    command: str
    output: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """line: of its first line of code. above: the line of text before it. output: of a program, in
    the block without a language that follows at once."""

    line: int
    language: str
    text: str
    above: str
    output: str = ""

    @property
    def reason(self) -> str:
        """Why it is not run; empty where it is."""
        found = REASON.fullmatch(self.above)
        return found[1] if found else ""

    def steps(self) -> list[Step]:
        if self.language == "console":
            return list(_of_console(self))
        if self.language == "python":
            return [Step(self.line, f"python - <<'END'\n{self.text}END", self.output)]
        return list(_of_script(self))


def pages() -> list[Path]:
    """Those with commands that a reader may type."""
    beside = [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *sorted(ROOT.glob("configs/*/README.md")),
    ]
    return [*beside, *sorted((ROOT / "docs").glob("*.md")), *sorted(GUIDE.glob("*.md"))]


def blocks(page: Path, languages: Collection[str] = RUN) -> list[Block]:
    """In their order; of RUN, those that hold commands."""
    text = page.read_text("utf-8")
    return [
        Block(
            text.count("\n", 0, found.start()) + 2,
            found[2],
            dedent(found[3]),
            text[: found.start()].rstrip().rpartition("\n")[2].strip(),
            _shown(text[found.end() :]) if found[2] == "python" else "",
        )
        for found in FENCE.finditer(text)
        if found[2] in languages
    ]


def _shown(rest: str) -> str:
    follows = FENCE.match(rest.lstrip())
    return follows[3] if follows and not follows[2] else ""


def is_sound(script: str) -> bool:
    """Whether a shell can read it."""
    done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True)
    return done.returncode == 0 and not done.stderr


def _of_console(block: Block) -> Iterator[Step]:
    for call in re.finditer(r"^\$ .*\n(?:>(?: .*)?\n)*", block.text, re.MULTILINE):
        said = block.text[call.end() :].partition("\n$ ")[0]
        output = "" if said.startswith("$ ") else said.strip()
        lines = [line[2:] for line in call[0].splitlines()]
        yield Step(_line(block, call.start()), "\n".join(lines), output)


def _of_script(block: Block) -> Iterator[Step]:
    start, script = block.line, ""
    for number, line in enumerate(block.text.splitlines(), block.line):
        start, script = start if script else number, f"{script}{line}\n"
        if line.endswith("\\") or not is_sound(script):
            continue
        if script.strip() and not script.strip().startswith("#"):
            yield Step(start, script.strip())
        script = ""
    if script:
        yield Step(start, script.strip())


def _line(block: Block, place: int) -> int:
    return block.line + block.text.count("\n", 0, place)
