import gzip
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from trinax.playground.page import FOLDER, Page, page

WEIGHT_LIMIT_BYTES = 150_000
MODULES = sorted(path for path in FOLDER.iterdir() if path.suffix == ".js")
# Ways from text to markup or code, which the page has no need of.
SINKS = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|Function|setHTML\w*|srcdoc)\b"
)


class Parts(HTMLParser):
    """What stands in scripts and styles, attributes that are code or style, and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: dict[str, list[str]] = {"script": [], "style": []}
        self.attributes: list[str] = []
        self.addresses: list[str] = []
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.inline:
            self._within = tag
            self.inline[tag].append("")
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.attributes.append(name)
            if name in ("href", "src", "action", "data"):
                self.addresses.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within:
            self.inline[self._within][-1] += data


@pytest.fixture(scope="module")
def made() -> Page:
    return page()


@pytest.fixture(scope="module")
def parts(made: Page) -> Parts:
    parts = Parts()
    parts.feed(made.content.decode())
    return parts


def rule(made: Page, name: str) -> list[str]:
    (found,) = (each for each in made.policy.split("; ") if each.startswith(f"{name} "))
    return found.split()[1:]


@pytest.mark.parametrize("tag", ["script", "style"])
def test_the_policy_lets_just_what_stands_in_the_page_run(
    made: Page, parts: Parts, tag: str
) -> None:
    digests = [sha256(text.encode()).digest() for text in parts.inline[tag]]
    expected = [f"'sha256-{b64encode(digest).decode()}'" for digest in digests]
    assert rule(made, f"{tag}-src") == expected


def test_the_policy_leaves_no_other_way(made: Page) -> None:
    assert "unsafe" not in made.policy
    assert "*" not in made.policy
    assert rule(made, "default-src") == ["'none'"]
    assert rule(made, "connect-src") == ["'self'"]


def test_no_attribute_is_code_or_style(parts: Parts) -> None:
    assert parts.attributes == []


def test_the_page_names_no_other_address(parts: Parts) -> None:
    assert parts.addresses
    assert [each for each in parts.addresses if not each.startswith(("#", "data:image/"))] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_text_never_becomes_markup_or_code(module: Path) -> None:
    assert SINKS.findall(module.read_text("utf-8")) == []


def test_every_place_is_filled(made: Page) -> None:
    assert not re.search(rb"\{(style|early|program|icons|mark)\}", made.content)


def test_it_weighs_little(made: Page) -> None:
    print(f"{len(made.content)} bytes, {len(made.compressed)} compressed")
    assert len(made.content) <= WEIGHT_LIMIT_BYTES
    assert len(made.compressed) <= WEIGHT_LIMIT_BYTES / 3


def test_what_is_compressed_is_the_same(made: Page) -> None:
    assert gzip.decompress(made.compressed) == made.content


def test_the_same_files_have_the_same_tag(made: Page) -> None:
    assert page().tag == made.tag


def test_every_symbol_that_is_used_is_drawn(made: Page) -> None:
    text = made.content.decode()
    drawn = set(re.findall(r'<symbol id="icon-(\w+)"', text))
    used = set(re.findall(r'#icon-(\w+)"', text))
    used |= set(re.findall(r'\bicon\("(\w+)"', text))
    used |= set(re.findall(r'iconButton\(\s*[^,()]+,\s*"(\w+)"', text))
    assert used <= drawn
