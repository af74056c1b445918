import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from hashlib import sha256
from pathlib import Path

import click
import pytest

from trinax.cli import main
from trinax.configuration import ENVIRONMENT_ALIASES
from trinax.settings import Settings

ROOT = Path(__file__).parents[1]
HANDBOOK = sorted((ROOT / "collections" / "handbook").glob("*.md"))
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
EDITORS = ROOT / "configs" / "editors" / "README.md"
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    CONTRIBUTING,
    EDITORS,
    *HANDBOOK,
    *sorted((ROOT / "docs").rglob("*.md")),
]
GUIDES = [
    ROOT / "README.md",
    EDITORS,
    CONTRIBUTING,
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "guide").glob("*.md")),
]
SETTINGS = {
    f"{section.name}.{each.name}"
    for section in fields(Settings)
    if is_dataclass(section.default)
    for each in fields(section.default)
}


def page_id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def in_code(text: str) -> Iterator[str]:
    """Code spans and the lines of fenced blocks."""
    yield from (
        line
        for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
        for line in block.splitlines()
    )
    without_blocks = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", without_blocks)


def command_lines(text: str) -> Iterator[list[str]]:
    """The words after "trinax" wherever code calls it."""
    for code in in_code(text):
        for call in re.findall(r"(?:^|[\s/])trinax((?: +[^\s|;&]+)+)", code):
            if not call.strip().startswith("#"):
                yield call.split()


def options(command: click.Command) -> set[str]:
    return {name for one in command.params for name in (*one.opts, *one.secondary_opts)}


def unknown_parts(words: list[str]) -> list[str]:
    """Words of one call that no command or option of trinax explains."""
    command: click.Command = main
    known = options(main)
    unknown = []
    for word in words:
        if word.startswith("-"):
            known |= options(command) | {"--help"}
            if word.partition("=")[0] not in known:
                unknown.append(word)
        elif isinstance(command, click.Group):
            if word not in command.commands:
                return [word]
            command = command.commands[word]
    return unknown


def missing_links(page: Path, text: str) -> list[str]:
    links = re.findall(
        r"\]\((?!https?:|#)([^)#\s]+)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    )
    return [link for link in links if not (page.parent / link).exists()]


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_lead_somewhere(page: Path) -> None:
    assert missing_links(page, page.read_text("utf-8")) == []


@pytest.mark.parametrize("page", GUIDES, ids=page_id)
def test_commands_exist_with_their_options(page: Path) -> None:
    calls = list(command_lines(page.read_text("utf-8")))
    assert [(call, bad) for call in calls if (bad := unknown_parts(call))] == []


@pytest.mark.parametrize("page", GUIDES, ids=page_id)
def test_settings_that_are_named_exist(page: Path) -> None:
    sections = "|".join(sorted({name.partition(".")[0] for name in SETTINGS}))
    named = {
        match
        for code in in_code(page.read_text("utf-8"))
        for match in re.findall(rf"^((?:{sections})\.[a-z_]+)(?: =.*)?$", code)
    }
    assert named - SETTINGS - {"audit.jsonl"} == set()


@pytest.mark.parametrize("page", GUIDES, ids=page_id)
def test_environment_variables_that_are_named_exist(page: Path) -> None:
    known = {"TRINAX_" + name.upper().replace(".", "_") for name in SETTINGS}
    # Those for tests alone are no settings.
    named = set(re.findall(r"\bTRINAX_(?!TEST_)[A-Z_]+[A-Z]\b", page.read_text("utf-8")))
    assert named - known - set(ENVIRONMENT_ALIASES) == set()


def test_no_sentence_stands_on_two_pages() -> None:
    pages: dict[str, set[str]] = defaultdict(set)
    for page in GUIDES:
        prose = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
        for sentence in re.split(r"(?<=[.:])\s+|\n\n|\n- |\n\|", prose):
            if len(sentence.split()) >= 12:
                pages[" ".join(sentence.split())].add(page_id(page))
    assert [(each, found) for each, found in pages.items() if len(found) > 1] == []


def test_the_guide_names_every_command() -> None:
    guide = (ROOT / "docs" / "guide" / "command-line.md").read_text("utf-8")
    named = {call[0] for call in command_lines(guide)}
    assert {*main.commands} - named == set()


def test_the_readme_says_whose_it_is_not() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "independent implementation and is not affiliated with TrinaxAI" in readme


def test_the_citation_in_the_readme_can_be_checked() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    file, start, end, digest = (
        re.findall(rf'"{key}": "?([^",]+)', readme)[0]
        for key in ("file", "start_byte", "end_byte", "sha256")
    )
    cited = (ROOT / "collections" / "handbook" / file).read_bytes()[int(start) : int(end)]
    assert sha256(cited).hexdigest() == digest


def test_what_the_guide_for_contributors_names_is_there() -> None:
    named = re.findall(
        r"`((?:trinax|tests|docs|configs|collections)/[\w/.-]*)`", CONTRIBUTING.read_text("utf-8")
    )
    assert len(named) > 40
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\(([^)]+)\)", (folder / "README.md").read_text("utf-8"))
    assert sorted(listed) == sorted(page.name for page in folder.glob("0*.md"))


def test_a_dead_link_is_seen() -> None:
    assert missing_links(ROOT / "README.md", "[a](no/such.md) [b](https://x.org) [c](#d)") == [
        "no/such.md"
    ]


def test_a_wrong_command_is_seen() -> None:
    assert list(
        command_lines("`trinax sing` and\n```sh\n.venv/bin/trinax ask 'x' --loud\n```")
    ) == [
        ["ask", "'x'", "--loud"],
        ["sing"],
    ]
    assert unknown_parts(["sing"]) == ["sing"]
    assert unknown_parts(["models", "drop"]) == ["drop"]
    assert unknown_parts(["ask", "'x'", "--loud"]) == ["--loud"]
