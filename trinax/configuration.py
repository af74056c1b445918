"""Settings: defaults ← TOML file ← TRINAX_* ← flags. The only reader of TOML and environment."""

import os
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

from trinax.conversion import (
    at_least,
    check_address,
    check_expressions,
    check_hours,
    converted,
    folders,
    mapping,
)
from trinax.errors import BadSetting, UnknownSetting
from trinax.settings import Kind, Plan, Settings, Upstream


@dataclass(frozen=True, slots=True)
class Recommendation:
    """source: as `trinax models pull` takes it, REPO:QUANTISATION."""

    source: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What suits a size of machine. memory_bytes: of the largest that it is for; 0 for all.
    models: settings of [models] below those of the user. recommended: by role."""

    name: str
    memory_bytes: int
    models: Mapping[str, int]
    recommended: Mapping[str, Recommendation]


# Sections of tables that have names of the user's own.
NAMED: Mapping[str, type] = {"upstreams": Upstream, "plans": Plan}
# Sections without variables.
FILES_ONLY = ("roots", "instructions", "plans")
# Short names beside TRINAX_<SECTION>_<KEY>.
ENVIRONMENT_ALIASES = {
    "TRINAX_ADMIN_TOKEN": ("access", "admin_token"),
    "TRINAX_HOST": ("server", "host"),
    "TRINAX_PORT": ("server", "port"),
}
# Of an installed trinax, and of one that runs from its repository.
PROFILES = (
    Path(__file__).parent / "profiles",
    Path(__file__).parents[1] / "configs" / "profiles",
)
DEFAULTS = (
    Path(__file__).parent / "default.toml",
    Path(__file__).parents[1] / "configs" / "default.toml",
)
GIGABYTE = 1_000_000_000
# Beside the configuration: a table for each plan, over those that come with trinax.
PLANS = "plans.toml"
# What terminals say of themselves.
TERMINAL = (
    *("FORCE_HYPERLINK", "TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION"),
    *("VTE_VERSION", "WT_SESSION"),
)
# Read by the tests, not by the server.
ENVIRONMENT_IGNORED = "TRINAX_TEST_"


def load(
    config: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Mapping[str, Any]] | None = None,
    memory_bytes: int | None = None,
) -> Settings:
    """Settings from their sources, later ones winning: defaults, profile, file, environment, flags.

    config: a TOML file; None reads ./trinax.toml if there is one.
    environment: TRINAX_* is read from it; None reads the process's.
    flags: section → key → value, as given on the command line; paths among them are taken from
        the working folder.
    memory_bytes: the machine's, which chooses the profile that is not named; None for no profile.
    Raises UnknownSetting and BadSetting, naming key and source.
    """
    if config is None and Path("trinax.toml").is_file():
        config = Path("trinax.toml")
    tables = {} if config is None else _toml(config)
    plans = (config.parent if config else Path()) / PLANS

    def over(settings: Settings) -> Settings:
        settings = _with_tables(settings, tables, config.name if config else "")
        if plans.is_file():
            settings = _with_tables(settings, {"plans": _toml(plans)}, PLANS)
        settings = _with_environment(settings, os.environ if environment is None else environment)
        return _with_tables(settings, flags or {}, "the command line")

    bare = Settings(base=config.resolve().parent if config else Path.cwd())
    settings = over(bare)
    if not settings.models.profile and memory_bytes is None:
        return settings
    own = profile(settings.models.profile, memory_bytes or 0)
    return over(_with_tables(bare, {"models": own.models}, f"profile {own.name}"))


def terminal() -> dict[str, str]:
    """Those variables of TERMINAL that are set."""
    return {name: os.environ[name] for name in TERMINAL if name in os.environ}


def defaults() -> str:
    """Every setting with its default, as TOML with comments."""
    return next(file for file in DEFAULTS if file.is_file()).read_text("utf-8")


def profile(name: str, memory_bytes: int) -> Profile:
    """The profile of that name; without one the smallest for a machine with so much memory."""
    for each in profiles():
        fits = memory_bytes <= each.memory_bytes or not each.memory_bytes
        if each.name == name or (fits and not name):
            return each
    raise BadSetting("models.profile", "the configuration", "the name of a profile")


def profiles() -> list[Profile]:
    """Those that come with trinax, for the smallest machines first."""
    files = [file for folder in PROFILES for file in sorted(folder.glob("*.toml"))]
    found = {file.stem: _profile(file.stem, _toml(file)) for file in files}
    return sorted(found.values(), key=lambda each: each.memory_bytes or sys.maxsize)


def _profile(name: str, tables: Mapping[str, Any]) -> Profile:
    recommended = {
        role: Recommendation(row["source"], round(row["size_gb"] * GIGABYTE))
        for role, row in tables["recommended"].items()
    }
    return Profile(name, tables.get("memory_gb", 0) * GIGABYTE, tables["models"], recommended)


def supervisor() -> str:
    """The address where a supervisor of services, as systemd, wants to be told; "" for none."""
    return os.environ.get("NOTIFY_SOCKET", "")


def _toml(config: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(config.read_text("utf-8"))
    except OSError as exc:
        raise BadSetting(
            "--config", "the command line", f"a readable file ({exc.strerror})"
        ) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise BadSetting(config.name, "the configuration", f"valid TOML: {exc}") from exc


def _with_environment(settings: Settings, environment: Mapping[str, str]) -> Settings:
    for name in sorted(environment):
        if not name.startswith("TRINAX_") or name.startswith(ENVIRONMENT_IGNORED):
            continue
        section, _, key = name.removeprefix("TRINAX_").lower().partition("_")
        section, key = ENVIRONMENT_ALIASES.get(name, (section, key))
        if section in FILES_ONLY or section not in _sections():
            raise UnknownSetting(name, "the environment", _environment_names())
        if section == "upstreams":
            settings = _with_upstream_variable(settings, name, key, environment[name])
            continue
        settings = _with_key(settings, section, key, environment[name], "the environment")
    return settings


def _with_upstream_variable(settings: Settings, name: str, key: str, value: str) -> Settings:
    """name: of the variable. key: "box_timeout_s" is timeout_s of the upstream "box"."""
    for each in fields(Upstream):
        upstream = key.removesuffix(f"_{each.name}")
        if upstream and upstream != key:
            table = {each.name: value}
            return _with_named(settings, "upstreams", upstream, table, "the environment")
    known = [f"TRINAX_UPSTREAMS_NAME_{each.name.upper()}" for each in fields(Upstream)]
    raise UnknownSetting(name, "the environment", known)


def _with_named(settings: Settings, section: str, name: str, table: Any, where: str) -> Settings:
    """table: of that name in a section of NAMED."""
    if not isinstance(table, Mapping):
        raise BadSetting(f"{section}.{name}", where, "a table")
    named: Any = {**getattr(settings, section)}
    named.setdefault(name, NAMED[section]())
    for key, value in table.items():
        named[name] = _with_field(named[name], f"{section}.{name}", key, value, where)
    return replace(settings, **{section: named})


def _with_tables(settings: Settings, tables: Mapping[str, Any], where: str) -> Settings:
    for section, table in tables.items():
        if section not in _sections():
            raise UnknownSetting(section, where, _sections())
        if not isinstance(table, Mapping):
            raise BadSetting(section, where, "a table")
        settings = _with_table(settings, section, table, where)
    return settings


def _with_table(settings: Settings, section: str, table: Mapping[str, Any], where: str) -> Settings:
    if section == "roots":
        return replace(settings, roots=folders(table, where))
    if section == "instructions":
        return replace(settings, instructions=mapping(table, str, section, where))
    if section in NAMED:
        for name, part in table.items():
            settings = _with_named(settings, section, name, part, where)
        return settings
    for key, value in table.items():
        settings = _with_key(settings, section, key, value, where)
    return settings


def _with_key(settings: Settings, section: str, key: str, value: Any, where: str) -> Settings:
    part = _with_field(getattr(settings, section), section, key, value, where)
    return replace(settings, **{section: part})


def _with_field(part: Any, section: str, key: str, value: Any, where: str) -> Any:
    hints = get_type_hints(type(part))
    if key not in hints:
        raise UnknownSetting(f"{section}.{key}", where, [f"{section}.{name}" for name in hints])
    name = f"{section}.{key}"
    value = converted(value, hints[key], name, where)
    if name in _CHECKS:
        _CHECKS[name](value, name, where)
    return replace(part, **{key: value})


def _check_kinds(table: Mapping[str, str], key: str, where: str) -> None:
    for kind in table:
        if kind not in get_args(Kind):
            expected = "named by one of " + ", ".join(map(repr, get_args(Kind)))
            raise BadSetting(f"{key}.{kind}", where, expected)


_CHECKS: Mapping[str, Callable[[Any, str, str], None]] = {
    "router.kinds": check_expressions,
    "router.models": _check_kinds,
    "ingest.quiet_hours": check_hours,
    "index.url": check_address,
    "index.shards": at_least(0),
    "index.replicas": at_least(1),
    "index.timeout_s": at_least(1),
    "index.retries": at_least(0),
}


def _sections() -> list[str]:
    return [f.name for f in fields(Settings) if f.name != "base"]


def _environment_names() -> list[str]:
    names = list(ENVIRONMENT_ALIASES)
    for section in fields(Settings):
        default = section.default
        if is_dataclass(default):
            names += [f"TRINAX_{section.name}_{f.name}".upper() for f in fields(default)]
    return names
