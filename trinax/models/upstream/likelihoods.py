"""Log probabilities as chat and completions write them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from trinax.models.ports import TokenLogprob

# How completions of OpenAI's write a token that is no whole characters.
SPELLED = re.compile(r"bytes:(?:\\x[0-9a-f]{2})+")


def logprobs(value: Any) -> tuple[TokenLogprob, ...]:
    """value: a choice's "logprobs", of either form. Raises the errors of a dict that is none."""
    if not value:
        return ()
    if "content" in value or "refusal" in value:
        listed = [*(value.get("content") or ()), *(value.get("refusal") or ())]
        return tuple(
            _token(each, tuple(_token(one) for one in each.get("top_logprobs") or ()))
            for each in listed
        )
    return tuple(_completion(value))


def _token(value: Mapping[str, Any], top: tuple[TokenLogprob, ...] = ()) -> TokenLogprob:
    token = value["token"]
    raw = value.get("bytes")
    spelled = bytes(raw) if isinstance(raw, list) and raw else _bytes(token)
    return TokenLogprob(_plain(token), spelled, float(value["logprob"]), top)


def _completion(value: Mapping[str, Any]) -> Iterator[TokenLogprob]:
    """Of completions: lists side by side, and a table for each place."""
    tops = value.get("top_logprobs") or [None for _ in value["tokens"]]
    rows = zip(value["tokens"], value["token_logprobs"], tops, strict=True)
    for token, logprob, top in rows:
        ranked = sorted((top or {}).items(), key=lambda pair: -pair[1])
        likeliest = tuple(TokenLogprob(_plain(one), _bytes(one), float(p)) for one, p in ranked)
        # The first token of an echoed prompt has none.
        yield TokenLogprob(_plain(token), _bytes(token), float(logprob or 0.0), likeliest)


def _plain(token: str) -> str:
    return _bytes(token).decode("utf-8", "replace")


def _bytes(token: str) -> bytes:
    if SPELLED.fullmatch(token):
        return bytes.fromhex(token.removeprefix("bytes:").replace("\\x", ""))
    return token.encode("utf-8", "replace")
