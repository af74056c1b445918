from typing import Any

from trinax.models.ports import TokenLogprob
from trinax.models.upstream.likelihoods import logprobs


def told(*tokens: str) -> dict[str, Any]:
    """As completions tell it."""
    return {
        "tokens": list(tokens),
        "token_logprobs": [-1.0 for _ in tokens],
        "top_logprobs": [{token: -1.0} for token in tokens],
    }


def test_parts_of_a_character_are_read_as_they_are() -> None:
    first, last = logprobs(told(r"bytes:\xe2", r"bytes:\x82\xac"))
    assert (first.bytes + last.bytes).decode() == "€"
    assert first.top == (TokenLogprob("\ufffd", b"\xe2", -1.0),)


def test_a_text_that_only_begins_so_is_a_text() -> None:
    (token,) = logprobs(told("bytes: 5"))
    assert (token.token, token.bytes) == ("bytes: 5", b"bytes: 5")


def test_what_has_no_likeliest_has_none() -> None:
    (token,) = logprobs(told("a") | {"top_logprobs": None})
    assert token.top == ()
