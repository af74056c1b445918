"""The clients that the cases are replayed through, and what each of them can read."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any

from tests.conformance.cases import CASES, Case

ROOT = Path(__file__).parents[2]
NODE = Path(__file__).parent / "node"
LIMIT_S = 100.0

ANSWER = frozenset({"texts", "finishes", "calls", "usage"})
# Of a failure.
DETAILS = frozenset({"code", "param", "retry_after"})
ALL = ANSWER | DETAILS | {"reasoning", "tokens"}

ONE_CHOICE = "it reads one choice"
ONE_ANSWER = dict.fromkeys(("two-choices", "real-two"), ONE_CHOICE)
NO_LOGPROBS = {"logprobs": "it has no log probabilities"}
NO_COUNT = {"empty": "it leaves a count of nothing out"}
ITS_OWN_CHECK = {"bad-parameter": "it refuses the parameter itself"}

# What openai and its like raise for each status; 0 is a failure within a stream.
OPENAI = {
    0: "APIError",
    400: "BadRequestError",
    401: "AuthenticationError",
    404: "NotFoundError",
    413: "APIStatusError",
    429: "RateLimitError",
    503: "InternalServerError",
}
OPENAI_NODE = OPENAI | {413: "APIError"}
ENVELOPE = {
    0: "server_error",
    400: "invalid_request_error",
    401: "authentication_error",
    404: "invalid_request_error",
    413: "invalid_request_error",
    429: "rate_limit_error",
    503: "server_error",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """command: a process that reads the cases and prints what was heard. reads: what of it.
    cannot: cases that the client has no way to ask for or to read, and why. classes: status → what
    it raises. ungrounded: whether it can say that nothing is to be retrieved, without which the
    real model's prompt is another one. stop_for_calls: whether calls end with "stop".
    late_status: what it makes of a failure within a stream, which has no status."""

    name: str
    command: Sequence[str]
    reads: frozenset[str] = ALL
    cannot: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[int, str] = field(default_factory=lambda: OPENAI)
    ungrounded: bool = True
    stop_for_calls: bool = False
    late_status: int = 0

    def cases(self) -> list[Case]:
        return [case for case in CASES if case.name not in self.cannot]

    @property
    def is_node(self) -> bool:
        return self.command[0] == "node"


def python(module: str) -> Sequence[str]:
    return (sys.executable, "-W", "ignore", "-m", f"tests.conformance.readers.{module}")


def node(client: str) -> Sequence[str]:
    return ("node", str(NODE / "reader.mjs"), client)


OLLAMA: dict[str, Any] = {
    "reads": ANSWER | {"reasoning"},
    "cannot": ONE_ANSWER | NO_LOGPROBS,
    "classes": dict.fromkeys(OPENAI, "ResponseError"),
    "ungrounded": False,
    "stop_for_calls": True,
}
READERS = (
    Reader("openai", python("openai_python")),
    Reader("openai-async", python("openai_asyncio")),
    Reader(
        "openai-responses",
        python("openai_responses"),
        ALL - {"param", "retry_after"},
        ONE_ANSWER,
        OPENAI | {0: "ValueError"},
    ),
    Reader(
        "litellm",
        python("lite_llm"),
        ANSWER | {"reasoning", "tokens"},
        dict.fromkeys(ONE_ANSWER, "of two choices that are streamed it keeps the end of one"),
        OPENAI | {0: "MidStreamFallbackError", 413: "APIError", 503: "ServiceUnavailableError"},
        late_status=500,
    ),
    Reader(
        "langchain",
        python("langchain_python"),
        ALL - {"reasoning"},
        ONE_ANSWER,
        {
            0: "APIError",
            400: "OpenAIInvalidRequestError",
            401: "OpenAIAuthenticationError",
            404: "OpenAIModelNotFoundError",
            413: "APIStatusError",
            429: "OpenAIRateLimitError",
            503: "OpenAIAPIError",
        },
    ),
    Reader(
        "llm",
        python("llm_library"),
        ANSWER | DETAILS,
        ONE_ANSWER | NO_LOGPROBS | ITS_OWN_CHECK,
        ungrounded=False,
    ),
    Reader("httpx-sse", python("plain_sse"), classes=ENVELOPE),
    Reader("ollama", python("ollama_python"), **OLLAMA),
    Reader("openai-node", node("openai"), classes=OPENAI_NODE),
    Reader("continue", node("continue"), classes=OPENAI_NODE),
    Reader(
        "langchain-node", node("langchain"), ANSWER | DETAILS, ONE_ANSWER | NO_COUNT, OPENAI_NODE
    ),
    Reader(
        "ai-sdk",
        node("ai_sdk"),
        ANSWER | {"reasoning", "retry_after"},
        ONE_ANSWER | NO_LOGPROBS,
        dict.fromkeys(OPENAI, "AI_APICallError") | {0: "object"},
    ),
    Reader("eventsource-parser", node("eventsource"), classes=ENVELOPE),
    Reader("ollama-node", node("ollama"), **OLLAMA | {"classes": OLLAMA["classes"] | {0: "Error"}}),
)


@dataclass(frozen=True, slots=True)
class Replay:
    """One reader at its work."""

    process: subprocess.Popen[bytes]
    told: Path
    complaints: Path

    def heard(self) -> Mapping[str, Any]:
        """case/stream and case/whole → what was heard."""
        status = self.process.wait(LIMIT_S)
        assert status == 0, self.complaints.read_text()[-4000:]
        heard: Mapping[str, Any] = json.loads(self.told.read_text())
        return heard


def installed(reader: Reader) -> bool:
    return not reader.is_node or (which("node") is not None and (NODE / "node_modules").is_dir())


@contextmanager
def replays(url: str, folder: Path) -> Iterator[Mapping[str, Replay]]:
    """All that are installed, at once: most of their time is spent on waiting."""
    started = {
        reader.name: _started(reader, url, folder) for reader in READERS if installed(reader)
    }
    try:
        yield started
    finally:
        for replay in started.values():
            replay.process.kill()
            replay.process.wait()


def _started(reader: Reader, url: str, folder: Path) -> Replay:
    asked, told, complaints = (
        folder / f"{reader.name}.{suffix}" for suffix in ("asked", "told", "complaints")
    )
    asked.write_text(json.dumps({"url": url, "cases": [case.asked() for case in reader.cases()]}))
    with asked.open("rb") as stdin, told.open("wb") as stdout, complaints.open("wb") as stderr:
        process = subprocess.Popen(
            reader.command, cwd=ROOT, stdin=stdin, stdout=stdout, stderr=stderr
        )
    return Replay(process, told, complaints)
