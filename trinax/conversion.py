"""Values of TOML and of the environment as the types of settings."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from trinax.errors import BadSetting

HOURS = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d")


def converted(value: Any, hint: Any, key: str, where: str) -> Any:
    """value as the field's type; text is parsed, for it may come from the environment.

    hint: of the field. key, where: named in the BadSetting that it raises.
    """
    if get_origin(hint) is Literal:
        if value in get_args(hint):
            return value
        raise BadSetting(key, where, "one of " + ", ".join(map(repr, get_args(hint))))
    if get_origin(hint) is tuple:
        parts = value.split(",") if isinstance(value, str) else value
        if isinstance(parts, list | tuple) and all(isinstance(part, str) for part in parts):
            return tuple(part.strip() for part in parts if part.strip())
        raise BadSetting(key, where, "a list of texts")
    if get_origin(hint) is Mapping:
        return mapping(value, get_args(hint)[1], key, where)
    return _SCALARS[hint](value, key, where)


def secret(name: str, value: str, file: str, base: Path) -> str:
    """What a setting holds, or the file that is named in its place, without blanks around it.

    name: of the setting; that of the file ends in "_file". base: what a relative path is taken
    from. Raises BadSetting where both are given, and for a file that cannot be read.
    """
    if not file:
        return value
    where = "the configuration"
    if value:
        raise BadSetting(f"{name}_file", where, f"absent where there is {name}")
    try:
        return (base / file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise BadSetting(f"{name}_file", where, "a readable file") from exc


def mapping(value: Any, hint: Any, key: str, where: str) -> dict[str, Any]:
    """A table, or a text like a=b,c=d. hint: of each value. Raises BadSetting."""
    if isinstance(value, str):
        pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
        value = {name.strip(): each.strip() for name, _, each in pairs}
    if not isinstance(value, Mapping) or not all(value.values()):
        raise BadSetting(key, where, "a table, or a text like a=b,c=d")
    return {name: converted(each, hint, f"{key}.{name}", where) for name, each in value.items()}


def folders(table: Mapping[str, Any], where: str) -> dict[str, tuple[str, ...]]:
    """Each collection's folder or folders outside. Raises BadSetting."""
    roots: dict[str, tuple[str, ...]] = {}
    for collection, folders in table.items():
        listed = [folders] if isinstance(folders, str) else folders
        if not isinstance(listed, list) or not all(isinstance(folder, str) for folder in listed):
            raise BadSetting(f"roots.{collection}", where, "a folder or a list of folders")
        roots[collection] = tuple(listed)
    return roots


def check_expressions(table: Mapping[str, str], key: str, where: str) -> None:
    """Raises BadSetting for a name that is no regular expression."""
    for expression in table:
        try:
            re.compile(expression)
        except (re.error, OverflowError, RecursionError) as exc:
            name = f"{key}.{expression}"
            raise BadSetting(name, where, f"named by a regular expression ({exc})") from exc


def check_hours(hours: tuple[str, ...], key: str, where: str) -> None:
    """Raises BadSetting for what is no span of a day, as "22:00-06:30"."""
    for span in hours:
        if HOURS.fullmatch(span) is None:
            raise BadSetting(key, where, f"spans of a day like 09:00-17:00, not {span!r}")


def at_least(least: int) -> Callable[[int, str, str], None]:
    """A check that raises BadSetting for less."""

    def check(value: int, key: str, where: str) -> None:
        if value < least:
            raise BadSetting(key, where, f"{least} or more, not {value}")

    return check


def check_address(url: str, key: str, where: str) -> None:
    """Raises BadSetting for what is no address of a server; ":memory:" is one for tests."""
    try:
        parts = urlsplit(url)
        # A port that is none raises when it is looked at.
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound and url not in ("", ":memory:"):
        raise BadSetting(key, where, f"an address as http://127.0.0.1:6333, not {url!r}")


def _whole(value: Any, key: str, where: str) -> int:
    try:
        if isinstance(value, str | int) and not isinstance(value, bool):
            return int(value)
    except ValueError:
        pass
    raise BadSetting(key, where, f"a whole number, not {value!r}")


def _number(value: Any, key: str, where: str) -> float:
    try:
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return float(value)
    except ValueError:
        pass
    raise BadSetting(key, where, f"a number, not {value!r}")


def _switch(value: Any, key: str, where: str) -> bool:
    switches = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in switches:
        return switches[value.lower()]
    raise BadSetting(key, where, f"true or false, not {value!r}")


def _text(value: Any, key: str, where: str) -> str:
    if isinstance(value, str):
        return value
    raise BadSetting(key, where, f"a text, not {value!r}")


_SCALARS = {int: _whole, float: _number, bool: _switch, str: _text}
