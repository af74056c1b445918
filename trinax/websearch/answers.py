"""A provider's JSON, or why there is none."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import anyio

from trinax.errors import Busy, WebSearchFailed
from trinax.websearch.connection import Call, Connection, Reply
from trinax.websearch.failures import Broken

ANSWER_LIMIT_BYTES = 4_000_000
RETRY_AFTER_S = 5  # told to a client where the provider tells nothing
RETRY_AFTER_LIMIT_S = 3600


@dataclass(frozen=True, slots=True)
class Question:
    """refusals: what statuses of the provider's own mean, a clause each."""

    provider: str
    url: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    refusals: Mapping[int, str]
    timeout_s: float


async def answer(connection: Connection, question: Question) -> Mapping[str, Any]:
    """Raises WebSearchFailed, and Busy where it is asked too often."""
    call = Call(
        f"{question.url}?{urlencode(question.parameters)}",
        {"accept": "application/json", **question.headers},
    )
    try:
        with anyio.fail_after(question.timeout_s):
            async with connection.opened(call) as reply:
                _check(question, reply)
                content = await reply.content(ANSWER_LIMIT_BYTES)
        value = json.loads(content)
    except TimeoutError as exc:
        reason = f"it took longer than {question.timeout_s:g} s"
        raise WebSearchFailed(question.provider, reason) from exc
    except Broken as exc:
        raise WebSearchFailed(question.provider, exc.reason) from exc
    except (ValueError, RecursionError) as exc:
        raise WebSearchFailed(question.provider, "it did not answer with JSON") from exc
    if not isinstance(value, Mapping):
        raise WebSearchFailed(question.provider, "its JSON is not what it documents")
    return value


def rows(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list, nothing of what is none."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _check(question: Question, reply: Reply) -> None:
    if reply.status == HTTPStatus.OK:
        return
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        told = reply.headers.get("retry-after", "")
        wait_s = int(told[:9]) if told.isascii() and told.isdigit() else RETRY_AFTER_S
        raise Busy(f"Web search with {question.provider!r}", min(wait_s, RETRY_AFTER_LIMIT_S))
    reason = question.refusals.get(reply.status, "")
    told = f"HTTP {reply.status}"
    raise WebSearchFailed(question.provider, f"{reason} ({told})" if reason else told)
