"""The GGUF files of the models folder, as rows that say what each can do."""

import logging
import os
import re
import stat
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from trinax.errors import ModelNotFound
from trinax.models.catalogue.gguf_metadata import BrokenHeader, Header, Value, read_header
from trinax.models.catalogue.roles import chosen
from trinax.models.ports import ModelInfo, ModelKind

logger = logging.getLogger(__name__)

RESERVED = ("auto", "trinax-extract", "trinax-embed")
PART = re.compile(r"-(\d{5})-of-(\d{5})$")
POOLINGS = {1: "mean", 2: "cls", 3: "last", 4: "rank"}  # enum llama_pooling_type
# Architectures that llama.cpp runs as encoders; others embed only if they name a pooling.
ENCODERS = re.compile(r"bert|t5encoder|gemma-embedding")
# enum llama_ftype → name; what is absent is named by its most common tensor type.
FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K",
    11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S",
    17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS",
    23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S",
    29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0",
}  # fmt: skip

Signature = tuple[tuple[Path, int, int], ...]


@dataclass(frozen=True, slots=True)
class Installed:
    """A model and the files it lies in, in the order of its parts.
    metadata: of its first header."""

    info: ModelInfo
    parts: Signature
    metadata: Mapping[str, Value] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The file to load; llama.cpp finds the other parts beside it."""
        return self.parts[0][0]


class Catalogue:
    """Every *.gguf under a folder but hidden ones; a changed folder is noticed at the next call.
    Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._seen: Signature = ()
        self._models: dict[str, Installed] = {}
        self._headers: dict[tuple[Path, int, int], Header | str] = {}

    def scan(self) -> list[ModelInfo]:
        """One row for each model, by id; a file that cannot be used has a problem."""
        return [model.info for model in self.models()]

    def models(self) -> list[Installed]:
        """In the order of scan()."""
        return [*self._current().values()]

    def installed(self, model_id: str) -> Installed:
        """Raises ModelNotFound."""
        try:
            return self._current()[model_id]
        except KeyError:
            raise ModelNotFound(model_id) from None

    def path(self, model_id: str) -> Path:
        """The file to load, the first of several parts. Raises ModelNotFound."""
        return self.installed(model_id).path

    def _current(self) -> dict[str, Installed]:
        with self._lock:
            seen = _signature(self._folder)
            if seen != self._seen:
                self._headers = {file: self._headers.get(file) or _read(file[0]) for file in seen}
                self._models = self._listed(_groups(seen))
                self._seen = seen
            return self._models

    def _listed(self, groups: Sequence[Signature]) -> dict[str, Installed]:
        ids = _ids([_name(parts[0][0].relative_to(self._folder)) for parts in groups])
        models = [
            _installed(model_id, parts, [self._headers[part] for part in parts])
            for model_id, parts in zip(ids, groups, strict=True)
        ]
        roles = chosen([model.info for model in models])
        return {
            model.info.id: replace(model, info=replace(model.info, roles=roles[model.info.id]))
            for model in sorted(models, key=lambda model: model.info.id)
        }


def _signature(folder: Path) -> Signature:
    files = []
    # Not rglob: it fails on a folder that goes away meanwhile.
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.lower().endswith(".gguf") or name.startswith("."):
                continue
            path = Path(parent, name)
            try:
                status = path.stat()
            except OSError:  # it went away meanwhile, or is a dangling link
                continue
            if stat.S_ISREG(status.st_mode):
                files.append((path, status.st_size, status.st_mtime_ns))
    return tuple(sorted(files))


def _read(path: Path) -> Header | str:
    """The header, or why there is none."""
    try:
        return read_header(path)
    except BrokenHeader as exc:
        return str(exc)
    except OSError as exc:
        return f"it cannot be read ({exc.strerror})"


def _groups(files: Signature) -> list[Signature]:
    """Files by model: the parts of one in order."""
    groups: dict[tuple[Path, str], list[tuple[Path, int, int]]] = {}
    for file in files:
        part = PART.search(file[0].stem)
        name = file[0].parent / PART.sub("", file[0].stem)
        groups.setdefault((name, part[2] if part else ""), []).append(file)
    return [tuple(sorted(parts)) for parts in groups.values()]


def _name(relative: Path) -> tuple[str, ...]:
    parts = (*relative.parent.parts, PART.sub("", relative.stem))
    return tuple(re.sub(r"[^\w.-]+", "-", part.lower()).strip("-") or "model" for part in parts)


def _ids(names: Sequence[tuple[str, ...]]) -> list[str]:
    """The file's own name; with its folders, then with a number, where that is taken."""
    stems = Counter(name[-1] for name in names)
    ids: list[str] = []
    taken = set(RESERVED)
    for name in names:
        wanted = name[-1] if stems[name[-1]] == 1 else "-".join(name)
        model_id, number = wanted, 2
        while model_id in taken:
            model_id, number = f"{wanted}-{number}", number + 1
        taken.add(model_id)
        ids.append(model_id)
    return ids


def _installed(model_id: str, parts: Signature, headers: Sequence[Header | str]) -> Installed:
    size = sum(part[1] for part in parts)
    bare = ModelInfo(model_id, "generate", size_bytes=size, created_s=parts[0][2] // 1_000_000_000)
    for header in headers:
        if isinstance(header, str):
            return Installed(replace(bare, problem=header), parts)
    whole = [header for header in headers if isinstance(header, Header)]
    values = whole[0].values
    architecture = str(values.get("general.architecture", ""))
    pooling = POOLINGS.get(_whole(values.get(f"{architecture}.pooling_type")), "")
    types: Counter[str] = Counter()
    for header in whole:
        types.update(header.parameters)
    info = replace(
        bare,
        kind=_kind(architecture, pooling),
        architecture=architecture,
        parameters=types.total(),
        quantisation=FILE_TYPES.get(_whole(values.get("general.file_type"), -1), _common(types)),
        context_tokens=_whole(values.get(f"{architecture}.context_length")) or None,
        problem=_problem(parts, whole),
        template=bool(values.get("tokenizer.chat_template")),
        fills_in=whole[0].fills_in,
        pooling=pooling,
    )
    return Installed(info, parts, values)


def _kind(architecture: str, pooling: str) -> ModelKind:
    if pooling == "rank":
        return "rank"
    return "embed" if pooling or ENCODERS.search(architecture) else "generate"


def _problem(parts: Signature, headers: Sequence[Header]) -> str:
    values = headers[0].values
    architecture = values.get("general.architecture")
    wanted = _parts_wanted(parts)
    missing = sum(header.missing_bytes for header in headers)
    checks = (
        (architecture is None, "it does not name its architecture"),
        (architecture == "clip", "it is the image part of another model"),
        (values.get("general.type", "model") != "model", "it is an addition to another model"),
        (len(parts) != wanted, f"{len(parts)} of its {wanted} parts are here"),
        (missing > 0, f"it is cut off, {missing} bytes are missing"),
        (not any(header.parameters for header in headers), "it holds a vocabulary without weights"),
    )
    return next((reason for failed, reason in checks if failed), "")


def _parts_wanted(parts: Signature) -> int:
    part = PART.search(parts[0][0].stem)
    return int(part[2]) if part else 1


def _whole(value: Value | None, otherwise: int = 0) -> int:
    return value if isinstance(value, int) else otherwise


def _common(types: Counter[str]) -> str:
    return types.most_common(1)[0][0] if types else ""
