"""What can be set, and what holds without it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

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
    connections_per_address: int = 200  # not of this machine and of proxies; more get 429; 0 = off
    grace_s: float = 5.0  # what is under way may take so long to end once the server is to stop


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
    enabled: bool = True  # false: another server indexes, and this one reads; needs index.url
    debounce_s: float = 0.25  # quiet time after the last file event before a reconcile
    debounce_limit_s: float = 2.0  # the longest that a stream of events delays a reconcile
    scan_interval_s: float = 60.0  # periodic scan, for folders whose events do not arrive; 0 = off
    file_limit_bytes: int = 20_000_000  # larger files are skipped and listed
    quiet_hours: tuple[str, ...] = ()  # as "09:00-17:00", local time: nothing is indexed by itself
    upload_limit_bytes: int = 100_000_000  # of one request with files
    upload_files: int = 1000  # of one request
    import_limit_bytes: int = 2_000_000_000  # of an archive
    import_files: int = 100_000  # of an archive


@dataclass(frozen=True, slots=True)
class Embedding:
    model: str = "trinax-embed"  # built in, or the id of an embedding GGUF in the models folder


@dataclass(frozen=True, slots=True)
class Index:
    url: str = ""  # a Qdrant server or cluster; empty = in this process
    api_key: str = field(default="", repr=False)
    api_key_file: str = ""  # holds the key instead; relative like paths
    grpc: bool = False  # whether it is spoken to over gRPC, on grpc_port of the same host
    grpc_port: int = 6334
    shards: int = 0  # that a new collection there is split into; 0 = as the server decides
    replicas: int = 1  # nodes that hold each shard of a new collection there
    timeout_s: int = 10  # the longest that a request to it takes
    retries: int = 3  # of a search that failed for the moment; writing has more patience


@dataclass(frozen=True, slots=True)
class Retrieval:
    candidates: int = 60  # taken from each side before fusion
    fusion: Literal["weighted", "rrf"] = "weighted"  # how BM25 and dense become one ranking
    dense_weight: float = 0.5  # of the cosine; BM25, divided by its best score, has 1
    rerank: bool = True  # whether a second look at the best passages decides on their order
    merge: bool = False  # whether neighbouring passages that were found become one
    per_file: int = 0  # passages of one file at most; 0 = no limit
    passages: int = 8  # given to an answer at most
    confidence_threshold: float = 0.5  # below: the collections do not know


@dataclass(frozen=True, slots=True)
class Attachments:
    """Files that come with a question: read for its answer, kept nowhere."""

    files: int = 10  # of one request
    limit_bytes: int = 10_000_000  # of all of them together, unpacked from base64
    limit_characters: int = 2_000_000  # of the text in them together
    limit_s: float = 30.0  # the longest that reading them takes
    whole_tokens: int = 4096  # shown whole up to this length, where the model has the room


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
class Logs:
    """What the server says of itself, on stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"  # of trinax; libraries only warn
    format: Literal["console", "json"] = "console"  # json: an object a line
    requests: bool = False  # a line for each request, by its route


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
    attachments: Attachments = Attachments()
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
    logs: Logs = Logs()
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
