"""Which files of a repository are the model that is meant."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from trinax.errors import InvalidRequest

# Taken first where none is named: the usual balance, then what is near it, then what is larger.
PREFERRED = ("Q4_K_M", "Q4_K_S", "Q4_0", "MXFP4", "Q5_K_M", "Q5_K_S", "Q6_K", "Q8_0", "F16", "BF16")
QUANTISATION = re.compile(
    r"(?<![A-Z0-9])((?:UD-)?(?:I?Q|TQ)\d(?:_[A-Z0-9]+)*|MXFP4(?:_MOE)?|NVFP4|BF16|F?P?16|FP?32)"
    r"(?![A-Z0-9])",
    re.IGNORECASE,
)
PART = re.compile(r"-(\d{5})-of-(\d{5})$")
# GGUF files that are no model of their own.
ADDITION = re.compile(r"mmproj|imatrix", re.IGNORECASE)
REPOSITORY = re.compile(r"(?:https?://[^/]+/|hf\.co/)?([\w.-]+/[\w.-]+)(?::([\w.-]+))?")


@dataclass(frozen=True, slots=True)
class Source:
    """quantisation: as asked for, "" to choose."""

    repository: str
    quantisation: str = ""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """path: in its repository. sha256: of its content; blob: git's name for it where there is
    no sha256. Either is lower-case hexadecimal."""

    path: str
    size_bytes: int
    sha256: str = ""
    blob: str = ""

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name


@dataclass(frozen=True, slots=True)
class Build:
    """One model of a repository. files: its parts in order. name: of its path, without numbers."""

    name: str
    quantisation: str
    files: tuple[RemoteFile, ...]

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)


def source(text: str) -> Source:
    """OWNER/NAME or OWNER/NAME:QUANTISATION, also with an address before it.

    Raises InvalidRequest.
    """
    match = REPOSITORY.fullmatch(text.strip().rstrip("/"))
    if match is None:
        raise InvalidRequest(
            f"{text!r} names no model; write OWNER/NAME or OWNER/NAME:QUANTISATION, "
            "for example Qwen/Qwen3-4B-GGUF:Q4_K_M."
        )
    return Source(match[1], match[2] or "")


def builds(files: Iterable[RemoteFile]) -> list[Build]:
    """The whole models among a repository's files, by name."""
    groups: dict[tuple[str, str], list[RemoteFile]] = {}
    for file in files:
        stem, dot, suffix = file.path.rpartition(".")
        if dot and suffix.lower() == "gguf" and not ADDITION.search(file.name):
            part = PART.search(stem)
            groups.setdefault((PART.sub("", stem), part[2] if part else ""), []).append(file)
    found = [
        Build(name, _quantisation(name), tuple(sorted(parts, key=lambda file: file.path)))
        for (name, count), parts in groups.items()
        if len(parts) == int(count or 1)
    ]
    found.sort(key=lambda build: len(build.files), reverse=True)
    # Of a model that is there whole and in parts, the one file is simpler.
    simplest = {build.name: build for build in found}
    return [simplest[name] for name in sorted(simplest)]


def choose(source: Source, found: Sequence[Build], file: str = "") -> Build:
    """The one that is meant. file: a path or name in the repository, that of any part.

    Raises InvalidRequest, which lists what there is, where none or several could be meant.
    """
    if file:
        matching = [b for b in found if any(file in (part.path, part.name) for part in b.files)]
        return _only(source, found, matching, f"no file {file!r}")
    if source.quantisation:
        wanted = source.quantisation.upper()
        matching = [build for build in found if build.quantisation == wanted]
        matching = matching or [b for b in found if b.quantisation == f"UD-{wanted}"]
        return _only(source, found, matching, f"no quantisation {source.quantisation!r}")
    for preferred in PREFERRED:
        matching = [build for build in found if build.quantisation == preferred]
        if matching:
            return _only(source, found, matching, "")
    return _only(source, found, found, "no GGUF file")


def installed_as(text: str, ids: Iterable[str]) -> str:
    """The id of the model that a source has become, "" if it is not among the ids; by name."""
    wanted = source(text)
    name = wanted.repository.split("/")[1].lower().removesuffix("-gguf")
    marks = [_letters(name), _letters(wanted.quantisation)]
    return next((each for each in ids if all(mark in _letters(each) for mark in marks)), "")


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _only(source: Source, found: Sequence[Build], matching: Sequence[Build], none: str) -> Build:
    if len(matching) == 1:
        return matching[0]
    if not found:
        raise InvalidRequest(f"{source.repository!r} holds no GGUF file of a whole model.")
    what = "several models could be meant" if matching else f"there is {none}"
    rows = [
        f"  {build.quantisation or '?':8} {build.size_bytes / 1e9:6.2f} GB  {build.files[0].path}"
        for build in matching or found
    ]
    advice = "name one with --file" if matching else "name one as OWNER/NAME:QUANTISATION"
    raise InvalidRequest("\n".join([f"In {source.repository!r} {what}; {advice}:", *rows]))


def _quantisation(name: str) -> str:
    """As the file's name says it last, or its folder; "" if neither does."""
    found = QUANTISATION.findall(name)
    return found[-1].upper() if found else ""
