"""Settings: defaults ← TOML file ← TRINAX_* ← flags. The only reader of TOML and environment."""

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

from trinax.conversion import check_expressions, converted, folders, mapping
from trinax.errors import BadSetting, UnknownSetting

Kind = Literal["trivial", "code", "general", "complex"]


@dataclass(frozen=True, slots=True)
class Server:
    host: str = "127.0.0.1"
    port: int = 3333
    hosts: tuple[str, ...] = ()  # names a Host header may hold beside addresses and localhost
    body_limit_bytes: int = 1_000_000
    tls_certificate: str = ""  # a PEM file, with those that vouch for it; relative like paths
    tls_key: str = ""  # its PEM file; both empty = plain HTTP
    client_limit_s: float = 60.0  # a client that sends or takes nothing for so long is cut off
    header_limit_s: float = 20.0  # the longest that the head of a request takes to arrive
    header_limit_bytes: int = 65_536  # of the head of a request: its address and headers
    keep_alive_s: int = 5  # a connection is kept open for so long after an answer
    connections: int = 800  # open at once; more get 503


@dataclass(frozen=True, slots=True)
class Paths:
    """Relative paths are taken from the folder of the configuration file, else from the working
    folder; an empty models means "models" in the data folder."""

    collections: str = "collections"
    data: str = "var"
    models: str = ""


@dataclass(frozen=True, slots=True)
class Chunking:
    limit_tokens: int = 256  # a chunk is never longer
    overlap_tokens: int = 0  # tokens repeated from one chunk to the next within a section


@dataclass(frozen=True, slots=True)
class Ingest:
    debounce_s: float = 0.25  # quiet time after the last file event before a reconcile
    debounce_limit_s: float = 2.0  # the longest that a stream of events delays a reconcile
    scan_interval_s: float = 60.0  # periodic scan, for folders whose events do not arrive; 0 = off
    file_limit_bytes: int = 20_000_000  # larger files are skipped and listed


@dataclass(frozen=True, slots=True)
class Embedding:
    model: str = "trinax-embed"  # built in, or the id of an embedding GGUF in the models folder


@dataclass(frozen=True, slots=True)
class Index:
    url: str = ""  # a Qdrant server or cluster; empty = in this process
    api_key: str = ""


@dataclass(frozen=True, slots=True)
class Retrieval:
    candidates: int = 100  # taken from each side before fusion
    fusion: Literal["weighted", "rrf"] = "weighted"  # how BM25 and dense become one ranking
    dense_weight: float = 0.5  # of the cosine; BM25, divided by its best score, has 1
    passages: int = 8  # given to an answer at most
    confidence_threshold: float = 0.5  # below: the collections do not know


@dataclass(frozen=True, slots=True)
class Router:
    """What goes before the router's own judgement where a request names no model."""

    kinds: Mapping[str, Kind] = field(default_factory=dict)  # regular expression = kind
    models: Mapping[str, str] = field(default_factory=dict)  # kind = model id


@dataclass(frozen=True, slots=True)
class Research:
    passages: int = 12  # given to a report at most
    confidence_threshold: float = 0.4  # as in retrieval; what several passages answer needs less
    limit_s: float = 120.0  # for planning and searching; then it writes from what is there
    max_tokens: int = 2048  # of a report


@dataclass(frozen=True, slots=True)
class Models:
    context_tokens: int = 8192  # at most; a model's own limit if that is less
    threads: int = 0  # 0 = physical cores
    gpu_layers: int = -1  # -1 = all that fit, where llama.cpp was built with a GPU backend
    max_tokens: int = 1024  # written when a request names no limit
    slots: int = 8  # answers that one model writes at once
    cache_tokens: int = 0  # that a model keeps of all prompts and answers; 0 = by memory
    queue: int = 32  # requests waiting for a model before 429
    wait_limit_s: float = 120.0  # the longest a request waits for its turn
    answer_limit_s: float = 0.0  # the longest an answer takes, waiting included; 0 = no limit
    park: bool = False  # keep computed prompts in the data folder across restarts
    memory_bytes: int = 0  # for all loaded models together; 0 = three quarters of the machine's
    keep_alive_s: float = 0.0  # unused models leave memory; 0 = when another needs the room
    preload: tuple[str, ...] = ()  # ids that are loaded at start
    profile: Literal["", "lite", "standard", "max", "ultra"] = ""  # empty = by the machine's memory
    hub_url: str = "https://huggingface.co"  # where `trinax models pull` finds models
    hub_token: str = ""  # for what the hub does not give to everybody


@dataclass(frozen=True, slots=True)
class Roles:
    """Model ids; where one is empty or not there, size and name of the models decide."""

    fast: str = ""  # titles, query rewriting and other short work
    coder: str = ""
    general: str = ""
    deep: str = ""  # what takes the largest model
    rank: str = ""


@dataclass(frozen=True, slots=True)
class Upstream:
    """A server that speaks OpenAI's wire format, and which of its models are offered here."""

    url: str = ""  # up to and including /v1
    key: str = field(default="", repr=False)  # sent as a bearer token
    key_file: str = ""  # holds the key instead; relative like paths
    models: Mapping[str, str] = field(default_factory=dict)  # id here = id there
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # id here = what it is for
    context_tokens: Mapping[str, int] = field(default_factory=dict)  # id here = its limit
    paid: tuple[str, ...] = ()  # ids here whose answers cost money
    timeout_s: float = 120.0  # the longest silence, before the first token and after it
    retries: int = 2  # of what failed before its first token
    limit: int = 0  # requests at once, others get 429; 0 = no limit
    extra: bool = False  # it takes top_k, min_p, repetition_penalty and ignore_eos


@dataclass(frozen=True, slots=True)
class Web:
    """Searched only for requests that ask for it."""

    provider: Literal["ddgs", "searxng", "brave", "off"] = "ddgs"  # ddgs needs no key
    url: str = ""  # of your SearXNG
    key: str = field(default="", repr=False)  # of Brave's Search API
    key_file: str = ""  # holds the key instead; relative like paths
    engines: tuple[str, ...] = ()  # that ddgs or SearXNG asks; empty = their choice
    timeout_s: float = 10.0  # the longest that a search takes
    pages: int = 4  # read for an answer at most
    page_timeout_s: float = 6.0  # the longest that one page takes, redirects included
    page_limit_bytes: int = 1_000_000  # of a page, unpacked


@dataclass(frozen=True, slots=True)
class Access:
    admin_token: str = field(default="", repr=False)
    admin_token_file: str = ""  # holds the token instead; relative like paths
    lan: Literal["open", "trusted"] = "open"  # trusted: the private LAN may also browse and ingest
    require_key: bool = False
    trusted_proxies: tuple[str, ...] = ()  # addresses whose forwarded headers count
    origins: tuple[str, ...] = ()  # browser origins beside localhost and private LAN addresses


@dataclass(frozen=True, slots=True)
class Limits:
    """For each client: its address, IPv6 by its /64 network, and beside that its API key, or the
    session that a page in a browser names."""

    answers_per_minute: int = 30  # chat and research without an API key; 0 = no limit
    calls_per_minute: int = 100  # both with a key, and all else of the native and OpenAI API
    reads_per_minute: int = 600  # searching and browsing
    queue_per_client: int = 8  # requests of one client that wait for or use one model; 0 = no limit
    streams_per_client: int = 16  # answers, and streams that wait for messages; 0 = no limit
    loopback: bool = False  # whether this machine is limited too where it sends no key


@dataclass(frozen=True, slots=True)
class Plan:
    """What an API key of a plan may have."""

    models: Literal["free", "all"] = "free"  # all: those that cost money too
    input_characters: int = 20_000  # of text in one request
    paid_per_day: int = 0  # requests to models that cost money
    paid_per_week: int = 0
    web_searches_per_day: int = 0


def _plans() -> Mapping[str, Plan]:
    return {
        "free": Plan(),
        "pro": Plan("all", 100_000, 200, 1000, 10),
        "enterprise": Plan("all", 200_000, 2000, 10_000, 50),
    }


@dataclass(frozen=True, slots=True)
class Audit:
    """A line for a request in audit.jsonl of the data folder: who, what, and how it ended."""

    requests: Literal["guarded", "all", "off"] = "guarded"  # beyond chat and search, and refusals
    file_limit_bytes: int = 10_000_000  # then the next file begins
    files: int = 5  # kept, older ones are deleted


@dataclass(frozen=True, slots=True)
class Settings:
    server: Server = Server()
    paths: Paths = Paths()
    roots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # id → folders outside
    chunking: Chunking = Chunking()
    ingest: Ingest = Ingest()
    embedding: Embedding = Embedding()
    index: Index = Index()
    retrieval: Retrieval = Retrieval()
    instructions: Mapping[str, str] = field(default_factory=dict)  # id → what an answer must heed
    router: Router = Router()
    research: Research = Research()
    models: Models = Models()
    roles: Roles = Roles()
    upstreams: Mapping[str, Upstream] = field(default_factory=dict)  # by the name they have here
    web: Web = Web()
    access: Access = Access()
    limits: Limits = Limits()
    audit: Audit = Audit()
    plans: Mapping[str, Plan] = field(default_factory=_plans)  # by name; see plans.toml
    base: Path = Path()  # what relative paths are taken from; not a key

    @property
    def collections_dir(self) -> Path:
        return self.base / self.paths.collections

    @property
    def data_dir(self) -> Path:
        return self.base / self.paths.data

    @property
    def models_dir(self) -> Path:
        return self.base / self.paths.models if self.paths.models else self.data_dir / "models"


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
GIGABYTE = 1_000_000_000
# Beside the configuration: a table for each plan, over those that come with trinax.
PLANS = "plans.toml"
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
            return _with_upstream(settings, upstream, {each.name: value}, "the environment")
    known = [f"TRINAX_UPSTREAMS_NAME_{each.name.upper()}" for each in fields(Upstream)]
    raise UnknownSetting(name, "the environment", known)


def _with_upstream(settings: Settings, name: str, table: Any, where: str) -> Settings:
    if not isinstance(table, Mapping):
        raise BadSetting(f"upstreams.{name}", where, "a table")
    upstream = settings.upstreams.get(name, Upstream())
    for key, value in table.items():
        upstream = _with_field(upstream, f"upstreams.{name}", key, value, where)
    return replace(settings, upstreams={**settings.upstreams, name: upstream})


def _with_plan(settings: Settings, name: str, table: Any, where: str) -> Settings:
    if not isinstance(table, Mapping):
        raise BadSetting(f"plans.{name}", where, "a table")
    plan = settings.plans.get(name, Plan())
    for key, value in table.items():
        plan = _with_field(plan, f"plans.{name}", key, value, where)
    return replace(settings, plans={**settings.plans, name: plan})


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
    if section == "upstreams":
        for name, upstream in table.items():
            settings = _with_upstream(settings, name, upstream, where)
        return settings
    if section == "plans":
        for name, plan in table.items():
            settings = _with_plan(settings, name, plan, where)
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


_CHECKS = {"router.kinds": check_expressions, "router.models": _check_kinds}


def _sections() -> list[str]:
    return [f.name for f in fields(Settings) if f.name != "base"]


def _environment_names() -> list[str]:
    names = list(ENVIRONMENT_ALIASES)
    for section in fields(Settings):
        default = section.default
        if is_dataclass(default):
            names += [f"TRINAX_{section.name}_{f.name}".upper() for f in fields(default)]
    return names
