"""What an upstream says when it does not answer, and what that is here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from trinax.errors import (
    Busy,
    ContextLengthExceeded,
    InvalidRequest,
    TrinaxError,
    UpstreamFailed,
)

REASON_LIMIT = 300
RETRY_AFTER_LIMIT_S = 3600.0
RETRY_AFTER_S = 5.0  # told to a client where the upstream tells nothing
PASSING = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
INVALID = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An upstream's error. Its texts are "" and its counts 0 where it does not say; retry_after_s
    is None then."""

    status: int
    message: str = ""
    code: str = ""
    param: str = ""
    prompt_tokens: int = 0
    limit_tokens: int = 0
    retry_after_s: float | None = None

    @property
    def passing(self) -> bool:
        """Whether the same request may be answered a moment later."""
        return self.status in PASSING and self.code != "insufficient_quota"

    @property
    def too_long(self) -> bool:
        # OpenAI and trinax; llama-server; vLLM, which has no code of its own for it.
        by_code = self.code in ("context_length_exceeded", "exceed_context_size_error")
        return by_code or (self.status == HTTPStatus.BAD_REQUEST and self.param == "input_tokens")


class Refused(Exception):
    """The upstream sent an error instead of an answer, or in the middle of one."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.status)
        self.refusal = refusal


class Passing(Exception):
    """A failure that the same request may not meet again, and what to raise if it does."""

    def __init__(self, failure: TrinaxError, retry_after_s: float | None = None) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a request went to. model: its id here; remote: there. limit_tokens: 0 if unknown."""

    upstream: str
    model: str
    remote: str
    limit_tokens: int = 0


def refusal(status: int, body: bytes, retry_after: str = "") -> Refusal:
    """body: as received, of any kind. retry_after: the header of that name."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    return _refusal(value, status, seconds(retry_after))


def refusal_in(value: Mapping[str, Any]) -> Refusal | None:
    """The error that stands where an event should, if it is one."""
    if not value.get("error") and value.get("object") != "error":
        return None
    error = value.get("error")
    code = error.get("code") if isinstance(error, Mapping) else value.get("code")
    if not isinstance(code, int) or code < HTTPStatus.BAD_REQUEST:
        code = HTTPStatus.INTERNAL_SERVER_ERROR
    return _refusal(value, code, None)


def failure(refusal: Refusal, asked: Asked, prompt_tokens: int) -> TrinaxError | Passing:
    """prompt_tokens: estimated, for an upstream that does not tell."""
    status = refusal.status
    if refusal.too_long:
        return ContextLengthExceeded(
            asked.model,
            refusal.prompt_tokens or prompt_tokens,
            refusal.limit_tokens or asked.limit_tokens,
        )
    if status in INVALID:
        return InvalidRequest(
            f"Upstream {asked.upstream!r} refuses the request: {refusal.message or 'no reason'}.",
            refusal.param or None,
        )
    last: TrinaxError = UpstreamFailed(asked.upstream, _reason(refusal, asked))
    if not refusal.passing:
        return last
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait_s = RETRY_AFTER_S if refusal.retry_after_s is None else refusal.retry_after_s
        last = Busy(f"Upstream {asked.upstream!r}", wait_s)
    return Passing(last, refusal.retry_after_s)


def seconds(retry_after: str) -> float | None:
    """A Retry-After header, a number or a date, as seconds up to an hour; None if it is neither."""
    try:
        wait_s = float(retry_after)
    except ValueError:
        try:
            at = parsedate_to_datetime(retry_after)
        except (ValueError, OverflowError):
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        wait_s = (at - datetime.now(UTC)).total_seconds()
    return min(max(0.0, wait_s), RETRY_AFTER_LIMIT_S)


def _reason(refusal: Refusal, asked: Asked) -> str:
    status = refusal.status
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        # What it says could quote the key.
        return f"it refuses upstreams.{asked.upstream}.key (HTTP {status})"
    if status == HTTPStatus.NOT_FOUND:
        return (
            f"it does not know the model {asked.remote!r} or the address; "
            f"see upstreams.{asked.upstream}.models and .url"
        )
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return f"it redirects (HTTP {status}); see upstreams.{asked.upstream}.url"
    return f"HTTP {status}" + (f", {refusal.message}" if refusal.message else "")


def _refusal(value: Any, status: int, retry_after_s: float | None) -> Refusal:
    """value: the JSON that came, whose forms differ: {"error": {…}}, {"error": "…"}, {…}."""
    error = value.get("error", value) if isinstance(value, Mapping) else value
    if not isinstance(error, Mapping):
        error = {"message": error}
    code = error.get("code")
    return Refusal(
        status,
        message=one_line(error.get("message")),
        code=code if isinstance(code, str) else _text(error.get("type")),
        param=_text(error.get("param")),
        prompt_tokens=_count(error.get("n_prompt_tokens")),
        limit_tokens=_count(error.get("n_ctx")),
        retry_after_s=retry_after_s,
    )


def one_line(value: Any) -> str:
    """The beginning of a text, as one clause; "" of what is no text."""
    line = " ".join(_text(value).split()).strip(". ")
    return line if len(line) <= REASON_LIMIT else line[:REASON_LIMIT] + "…"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0
