"""The models as Ollama's clients list, show and count them."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NotRequired

from typing_extensions import TypedDict

from trinax.answering.routing.route import AUTO
from trinax.errors import ModelNotFound
from trinax.models.catalogue.gguf_metadata import Value
from trinax.models.ports import ModelInfo, ModelKind
from trinax.models.room import Held

LATEST = ":latest"
TEMPLATE = "tokenizer.chat_template"
NO_ARCHITECTURE = "trinax"
# Builtin models quote or embed whatever fits into a request; clients want a number.
UNLIMITED_TOKENS = 131_072
# What Ollama's clients read as "stays".
LONG = timedelta(days=36_500)
CAPABILITIES: Mapping[ModelKind, tuple[str, ...]] = {
    "generate": ("completion", "tools"),
    "extract": ("completion",),
    "embed": ("embedding",),
}
# In templates of models that think; see models.chat.dialect.
THINKS = re.compile(r"enable_thinking|reasoning_content|<think>|<\|channel\|>|\.thinking\b")
# Continue takes a model to fill in where its template, in Ollama's language, has this word.
FILL_IN_NOTE = "{{- /* also fills in between .Prompt and .Suffix */ -}}"
SUFFIXES = ((10**9, "B"), (10**6, "M"), (10**3, "K"))
SAMPLING = {"temp": "temperature", "top_k": "top_k", "top_p": "top_p", "min_p": "min_p"}

Metadata = Mapping[str, Value]


class OllamaDetails(TypedDict):
    parent_model: str
    format: str
    family: str
    families: list[str]
    parameter_size: str
    quantization_level: str


class OllamaModel(TypedDict):
    name: str
    model: str
    modified_at: str
    size: int
    digest: str
    details: OllamaDetails
    capabilities: list[str]


class OllamaModels(TypedDict):
    models: list[OllamaModel]


class OllamaRunning(TypedDict):
    name: str
    model: str
    size: int
    digest: str
    details: OllamaDetails
    expires_at: str
    size_vram: int
    context_length: int


class OllamaProcesses(TypedDict):
    models: list[OllamaRunning]


class OllamaShown(TypedDict):
    """model_info: the file's own header; general.architecture and that architecture's
    context_length always, the latter as it is here."""

    modelfile: str
    parameters: str
    template: str
    details: OllamaDetails
    model_info: dict[str, Any]
    capabilities: list[str]
    modified_at: str
    license: NotRequired[str]


def offered(infos: Sequence[ModelInfo], candidates: Sequence[ModelInfo]) -> list[ModelInfo]:
    """`auto`, then what can be used; Ollama has no models that rank. candidates: for `auto`."""
    return [auto(candidates), *_usable(infos)]


def auto(candidates: Sequence[ModelInfo]) -> ModelInfo:
    """Whichever is chosen."""
    writers = [info for info in _usable(candidates) if info.kind == "generate" and info.fits]
    if not writers:
        return ModelInfo(AUTO, "extract")
    # Any of them may be the one that answers; a gap is filled in by one that can.
    contexts = [info.context_tokens for info in writers if info.context_tokens]
    fills_in = any(info.fills_in for info in writers)
    return ModelInfo(
        AUTO, "generate", context_tokens=min(contexts, default=None), fills_in=fills_in
    )


def _usable(infos: Sequence[ModelInfo]) -> list[ModelInfo]:
    return [info for info in infos if info.kind in CAPABILITIES and not info.problem]


def named(name: str, infos: Sequence[ModelInfo]) -> str:
    """The id that a client means, for they add a tag and leave it out as they like; the name
    itself where there is none."""
    ids = {AUTO, *(info.id for info in infos)}
    bare = name.removesuffix(LATEST)
    return next((each for each in (name, bare, bare + LATEST) if each in ids), name) or AUTO


def found(model_id: str, infos: Sequence[ModelInfo], candidates: Sequence[ModelInfo]) -> ModelInfo:
    """Raises ModelNotFound."""
    for info in (auto(candidates), *infos):
        if info.id == model_id:
            return info
    raise ModelNotFound(model_id)


def is_file(info: ModelInfo) -> bool:
    """Whether it lies in the models folder."""
    return info.source == "file" and info.size_bytes > 0


def listed(info: ModelInfo, metadata: Metadata, since: datetime) -> OllamaModel:
    """since: the date of a model that has none of its own."""
    return {
        "name": info.id,
        "model": info.id,
        "modified_at": _modified(info, since),
        "size": info.size_bytes,
        "digest": digest(info),
        "details": _details(info),
        "capabilities": capabilities(info, metadata),
    }


def shown(info: ModelInfo, metadata: Metadata, since: datetime) -> OllamaShown:
    abilities = capabilities(info, metadata)
    parameters = _parameters(info, metadata)
    answer: OllamaShown = {
        "modelfile": "\n".join([f"FROM {info.id}", *(f"PARAMETER {each}" for each in parameters)]),
        "parameters": "\n".join(parameters),
        "template": _template(metadata, abilities),
        "details": _details(info),
        "model_info": _model_info(info, metadata),
        "capabilities": abilities,
        "modified_at": _modified(info, since),
    }
    if text := str(metadata.get("general.license", "")):
        answer["license"] = text
    return answer


def running(held: Held, keep_alive_s: float, on_gpu: bool) -> OllamaRunning:
    """keep_alive_s: how long an unused model stays, 0 for as long as there is room."""
    info = held.info
    left = timedelta(seconds=max(0.0, keep_alive_s - held.idle_s)) if keep_alive_s else LONG
    return {
        "name": info.id,
        "model": info.id,
        "size": held.memory_bytes,
        "digest": digest(info),
        "details": _details(info),
        "expires_at": time_text(datetime.now(UTC) + left),
        "size_vram": held.memory_bytes if on_gpu else 0,
        "context_length": info.context_tokens or UNLIMITED_TOKENS,
    }


def capabilities(info: ModelInfo, metadata: Metadata) -> list[str]:
    abilities = list(CAPABILITIES.get(info.kind, ()))
    if info.kind == "generate":
        abilities += ["insert"] if info.fills_in else []
        abilities += ["thinking"] if THINKS.search(str(metadata.get(TEMPLATE, ""))) else []
    return abilities


def digest(info: ModelInfo) -> str:
    """Changes with the file; Ollama's is of the content, which would have to be read for it."""
    seen = f"{info.id} {info.size_bytes} {info.created_s}"
    return sha256(seen.encode()).hexdigest()


def _details(info: ModelInfo) -> OllamaDetails:
    family = info.architecture or NO_ARCHITECTURE
    return {
        "parent_model": "",
        "format": "gguf" if info.architecture else "",
        "family": family,
        "families": [family],
        "parameter_size": _count(info.parameters),
        "quantization_level": info.quantisation,
    }


def _model_info(info: ModelInfo, metadata: Metadata) -> dict[str, Any]:
    """Without the template, which stands beside it, the vocabulary, and what JSON cannot say."""
    architecture = info.architecture or NO_ARCHITECTURE
    context = info.context_tokens or (UNLIMITED_TOKENS if info.kind != "generate" else None)
    told: dict[str, Any] = {
        key: value for key, value in metadata.items() if _can_be_told(key, value)
    }
    told |= {"general.architecture": architecture, "general.parameter_count": info.parameters}
    told.setdefault("general.basename", info.id)
    return told | ({f"{architecture}.context_length": context} if context else {})


def _can_be_told(key: str, value: Value) -> bool:
    if key == TEMPLATE or (key.startswith("tokenizer.") and isinstance(value, tuple)):
        return False
    return not isinstance(value, float) or math.isfinite(value)


def _parameters(info: ModelInfo, metadata: Metadata) -> list[str]:
    """As lines of a Modelfile."""
    given = {name: metadata.get(f"general.sampling.{key}") for key, name in SAMPLING.items()}
    given["num_ctx"] = info.context_tokens
    return [f"{name} {value}" for name, value in given.items() if value is not None]


def _template(metadata: Metadata, abilities: Sequence[str]) -> str:
    source = str(metadata.get(TEMPLATE, ""))
    return source + FILL_IN_NOTE if "insert" in abilities else source


def _modified(info: ModelInfo, since: datetime) -> str:
    return time_text(datetime.fromtimestamp(info.created_s, UTC) if info.created_s else since)


def time_text(moment: datetime) -> str:
    """RFC 3339 with a fraction, which some clients' formats insist on."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _count(parameters: int) -> str:
    """8000000000 as 8.0B."""
    for size, suffix in SUFFIXES:
        if parameters >= size:
            return f"{parameters / size:.1f}{suffix}"
    return str(parameters) if parameters else ""
