"""Every setting, from the records that hold them."""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from trinax import settings
from trinax.settings import Plan, Settings, Upstream

HEAD = """\
# Settings

Every setting with its default, from `trinax/settings.py`. `server.port` is `port` under `[server]`
in a configuration file, and `TRINAX_SERVER_PORT` in the environment. How they go together:
[configuration](../guide/configuration.md). `trinax settings` prints them as a file.
"""
OF_NAMED = {"upstreams": (Upstream, "NAME"), "plans": (Plan, "NAME")}


def settings_page() -> str:
    said = _said()
    parts = [HEAD]
    for section in fields(Settings):
        if is_dataclass(section.type):
            assert isinstance(section.type, type)
            parts.append(_section(section.name, section.type, said))
        elif section.name in OF_NAMED:
            kind, name = OF_NAMED[section.name]
            parts.append(_section(f"{section.name}.{name}", kind, said))
        elif section.name != "base":
            parts.append(f"## {section.name}\n\nA table: {said['Settings', section.name]}.\n")
    return "\n".join(parts)


def _section(name: str, kind: type, said: Mapping[tuple[str, str], str]) -> str:
    about = inspect.getdoc(kind) or ""
    about = "" if about.startswith(f"{kind.__name__}(") else " ".join(about.split()) + "\n\n"
    rows = [
        f"| `{name}.{each.name}` | `{_shown(getattr(kind(), each.name))}` "
        f"| {said[kind.__name__, each.name]} |"
        for each in fields(kind)
    ]
    return (
        f"## {name}\n\n{about}| setting | default | what it says |\n|---|---|---|\n"
        + "\n".join(rows)
        + "\n"
    )


def _shown(value: object) -> str:
    """As it is written in TOML."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case tuple():
            return f"[{', '.join(map(_shown, value))}]"
        case Mapping():
            return "{}"
        case _:
            return str(value)


def _said() -> dict[tuple[str, str], str]:
    """(record, field) → the comment behind it."""
    return dict(_comments(inspect.getsource(settings)))


def _comments(source: str) -> Iterator[tuple[tuple[str, str], str]]:
    lines = source.splitlines()
    for record in ast.parse(source).body:
        if not isinstance(record, ast.ClassDef):
            continue
        for each in record.body:
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                found = re.search(r"  # (.*)$", lines[(each.end_lineno or each.lineno) - 1])
                comment = found[1].replace("|", "\\|") if found else ""
                yield (record.name, each.target.id), comment
