"""Every metric by its name: what it tells, and by which labels. docs/operations.md shows it."""

from dataclasses import dataclass
from typing import Literal

# counter: only grows. gauge: as it is now. histogram: how often which size. summary: sum and count.
Kind = Literal["counter", "gauge", "histogram", "summary"]

# Seconds, the upper ends of a histogram's classes.
REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
STAGE_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
TOKEN_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)


@dataclass(frozen=True, slots=True)
class Metric:
    """name: with its unit, and "_total" for a counter. bounds: of a histogram."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


# What is counted where it happens.
REQUESTS = Metric(
    "trinax_http_requests_total",
    "counter",
    "Requests that have ended. route: as the OpenAPI document has it, or unrouted; status: 499 "
    "where the client went away before an answer began.",
    ("method", "route", "status"),
)
REQUEST_SECONDS = Metric(
    "trinax_http_request_duration_seconds",
    "histogram",
    "From the head of a request to the last byte of its answer, streams included.",
    ("route",),
    REQUEST_S,
)
FAILURES = Metric(
    "trinax_failures_total",
    "counter",
    "Requests that failed or were refused, and streams that broke off, by the code of their error.",
    ("code",),
)
SEARCH_SECONDS = Metric(
    "trinax_search_duration_seconds",
    "histogram",
    "Searches of the collections, those for answers included.",
    (),
    STAGE_S,
)
SEARCH_STAGE_SECONDS = Metric(
    "trinax_search_stage_duration_seconds",
    "histogram",
    "The stages of a search: question (it is embedded), candidates, fusion, passages, confidence, "
    "rerank, explain.",
    ("stage",),
    STAGE_S,
)
ANSWERS = Metric(
    "trinax_answers_total",
    "counter",
    "Answers by the kind of question and by what became of it.",
    ("kind", "verdict"),
)
ANSWER_STAGE_SECONDS = Metric(
    "trinax_answer_stage_duration_seconds",
    "histogram",
    "The stages of an answer: route, retrieve, web, attachments, retrieve_attachments, prompt, "
    "first_text (waiting and reading included), generate, ground.",
    ("stage",),
    STAGE_S,
)
GENERATIONS = Metric(
    "trinax_model_generations_total",
    "counter",
    "Texts asked of a model. outcome: finished, abandoned (nobody reads it any more), or the code "
    "of an error.",
    ("model", "outcome"),
)
WAIT_SECONDS = Metric(
    "trinax_model_wait_seconds",
    "histogram",
    "From a request for a text to its turn; the first ones wait for the model to load. Only of "
    "models that run here.",
    ("model",),
    REQUEST_S,
)
FIRST_SECONDS = Metric(
    "trinax_model_first_text_seconds",
    "histogram",
    "From its turn to its first text: the prompt is read. Of models elsewhere their waiting is in "
    "it.",
    ("model",),
    REQUEST_S,
)
TOKEN_SECONDS = Metric(
    "trinax_model_token_seconds",
    "histogram",
    "The time for each token after the first text, as the mean of a finished text.",
    ("model",),
    TOKEN_S,
)
PROMPT_TOKENS = Metric(
    "trinax_model_prompt_tokens_total",
    "counter",
    "Tokens of the prompts of finished texts.",
    ("model",),
)
CACHED_TOKENS = Metric(
    "trinax_model_cached_prompt_tokens_total",
    "counter",
    "Those of them that an earlier text had computed already.",
    ("model",),
)
WRITTEN_TOKENS = Metric(
    "trinax_model_completion_tokens_total",
    "counter",
    "Tokens of finished texts.",
    ("model",),
)

# What is read from the parts when somebody asks.
IN_PROGRESS = Metric(
    "trinax_http_requests_in_progress",
    "gauge",
    "Requests under way, but for those to /health, /ready and /metrics.",
)
REFUSED = Metric(
    "trinax_refused_connections_total",
    "counter",
    "What was refused before there was a request: a connection beyond server.connections or "
    "server.connections_per_address, a head that is too large, what is no HTTP.",
    ("code",),
)
READY = Metric("trinax_ready", "gauge", "1 if questions are answered, as GET /ready says.")
STOPPING = Metric("trinax_stopping", "gauge", "1 once the server was told to stop.")
RELOADS = Metric(
    "trinax_reloads_total",
    "counter",
    "Signals to read plans and keys again. outcome: done or failed.",
    ("outcome",),
)
BUILD = Metric("trinax_build_info", "gauge", "1; which trinax this is.", ("version",))
RUNNING = Metric("trinax_model_running", "gauge", "Texts that a model writes now.", ("model",))
WAITING = Metric("trinax_model_waiting", "gauge", "Requests that wait for it.", ("model",))
CAPACITY = Metric(
    "trinax_model_capacity", "gauge", "Texts that it writes at once; 0: no limit.", ("model",)
)
MODEL_BYTES = Metric(
    "trinax_model_memory_bytes",
    "gauge",
    "About what a loaded model takes: weights and cache.",
    ("model",),
)
VECTOR_CACHE = Metric(
    "trinax_vector_cache_lookups_total",
    "counter",
    "Texts looked up before they are embedded, where an embedding model is configured. outcome: "
    "hit or miss.",
    ("outcome",),
)
STATE = Metric(
    "trinax_collection_state",
    "gauge",
    "1 for the state that a collection is in: idle, indexing, paused or failed.",
    ("collection", "state"),
)
FILES = Metric(
    "trinax_collection_files",
    "gauge",
    "Its files. outcome: indexed, skipped or failed.",
    ("collection", "outcome"),
)
QUEUED = Metric(
    "trinax_collection_queued_files",
    "gauge",
    "Files that its running reconcile has still to do.",
    ("collection",),
)
CHUNKS = Metric("trinax_collection_chunks", "gauge", "Its chunks.", ("collection",))
SOURCE_BYTES = Metric(
    "trinax_collection_source_bytes", "gauge", "Size of its indexed files.", ("collection",)
)
LAG = Metric(
    "trinax_collection_lag_seconds",
    "gauge",
    "Age of its oldest change that was noticed and is not in the index yet; 0 if there is none.",
    ("collection",),
)
INDEX_BYTES = Metric(
    "trinax_index_size_bytes",
    "gauge",
    "What its index takes on this machine's disk; looked at once a minute at most.",
    ("collection",),
)
LOOSE = Metric(
    "trinax_index_loose_chunks",
    "gauge",
    "Chunks written and removed since its index was made compact.",
    ("collection",),
)
RECONCILES = Metric(
    "trinax_reconciles_total",
    "counter",
    "Looks at a collection's folders. outcome: done, stopped or failed.",
    ("outcome",),
)
RECONCILE_SECONDS = Metric(
    "trinax_reconcile_duration_seconds", "summary", "How long those that were done took."
)
RECONCILED_FILES = Metric(
    "trinax_reconciled_files_total",
    "counter",
    "Files that they found added, changed, moved or deleted, or could not read (failed).",
    ("change",),
)
EMBEDDED = Metric(
    "trinax_embedded_chunks_total", "counter", "Chunks that they had to embed; others were known."
)
COMPACTIONS = Metric(
    "trinax_compactions_total",
    "counter",
    "Indexes made compact by themselves. outcome: done or failed.",
    ("outcome",),
)
COMPACTION_SECONDS = Metric(
    "trinax_compaction_duration_seconds", "summary", "How long those that were done took."
)
WEB_SEARCHES = Metric(
    "trinax_web_searches_total",
    "counter",
    "Searches of the web. outcome: done, or the code of an error.",
    ("outcome",),
)
DISK_FREE = Metric("trinax_data_disk_free_bytes", "gauge", "Room on the disk of the data folder.")
UNREAD = Metric(
    "trinax_unread_metrics",
    "gauge",
    "1 for a group of metrics that could not be read this time and is missing.",
    ("group",),
)

OF_REQUESTS = (REQUESTS, REQUEST_SECONDS, FAILURES)
OF_EVENTS = (
    *(SEARCH_SECONDS, SEARCH_STAGE_SECONDS, ANSWERS, ANSWER_STAGE_SECONDS),
    *(GENERATIONS, WAIT_SECONDS, FIRST_SECONDS, TOKEN_SECONDS),
    *(PROMPT_TOKENS, CACHED_TOKENS, WRITTEN_TOKENS),
)
OF_STATE = (
    *(IN_PROGRESS, REFUSED, READY, STOPPING, RELOADS, BUILD),
    *(RUNNING, WAITING, CAPACITY, MODEL_BYTES, VECTOR_CACHE),
    *(STATE, FILES, QUEUED, CHUNKS, SOURCE_BYTES, LAG, INDEX_BYTES, LOOSE),
    *(RECONCILES, RECONCILE_SECONDS, RECONCILED_FILES, EMBEDDED),
    *(COMPACTIONS, COMPACTION_SECONDS, WEB_SEARCHES, DISK_FREE, UNREAD),
)
ALL = (*OF_REQUESTS, *OF_EVENTS, *OF_STATE)


def table() -> str:
    """All of them in Markdown."""
    rows = [
        f"| `{each.name}` | {each.kind} | {', '.join(each.labels)} | {each.help} |" for each in ALL
    ]
    return "\n".join(["| metric | kind | labels | what it tells |", "|---|---|---|---|", *rows])
