"""The page: one document with all that it needs."""

import gzip
import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import blake2b, sha256
from pathlib import Path
from urllib.parse import quote

from trinax.playground.modules import joined

FOLDER = Path(__file__).parent / "assets"
STYLES = ("base.css", "controls.css", "views.css")
# Runs before the first paint, so it is no module.
EARLY = "theme.js"
FIRST = "main"
PLACE = re.compile(r"\{(style|early|program|icons|mark)\}")
TAG_BYTES = 12


@dataclass(frozen=True, slots=True)
class Page:
    """compressed: by gzip. tag: changes with the content. policy: for the header
    Content-Security-Policy; the page can run and load nothing but what stands in it."""

    content: bytes
    compressed: bytes
    tag: str
    policy: str


def page(folder: Path = FOLDER) -> Page:
    """Reads its parts and puts them together."""
    texts = {path.name: path.read_text("utf-8") for path in sorted(folder.iterdir())}
    modules = {
        name.removesuffix(".js"): text
        for name, text in texts.items()
        if name.endswith(".js") and name != EARLY
    }
    parts = {
        "style": "".join(texts[name] for name in STYLES),
        "early": texts[EARLY],
        "program": joined(modules, FIRST),
        "icons": texts["icons.svg"],
        "mark": f"data:image/svg+xml,{quote(texts['mark.svg'].strip())}",
    }
    content = PLACE.sub(lambda place: parts[place[1]], texts["index.html"]).encode()
    return Page(
        content=content,
        compressed=gzip.compress(content, mtime=0),
        tag=f'"{blake2b(content, digest_size=TAG_BYTES).hexdigest()}"',
        policy=_policy([parts["early"], parts["program"]], [parts["style"]]),
    )


def _policy(scripts: list[str], styles: list[str]) -> str:
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(map(_source, scripts)),
        "style-src": " ".join(map(_source, styles)),
        "img-src": "data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        # No way to make markup or code out of text, whatever the script does.
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
