from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from trinax.errors import Busy, ContextLengthExceeded, InvalidRequest, TrinaxError, UpstreamFailed
from trinax.models.upstream.failures import Asked, Passing, failure, refusal, seconds

ASKED = Asked("box", "here", "there")


def told(status: int, body: bytes = b"", retry_after: str = "") -> TrinaxError | Passing:
    return failure(refusal(status, body, retry_after), ASKED, 7)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_passing(status: int) -> None:
    assert isinstance(told(status), Passing)


@pytest.mark.parametrize("status", [401, 403, 404, 405, 408, 301, 501, 599])
def test_what_will_not_pass_is_not(status: int) -> None:
    assert isinstance(told(status), UpstreamFailed)


def test_a_full_server_hands_on_when_to_come_back() -> None:
    busy = told(429, b"{}", "12")
    assert isinstance(busy, Passing)
    assert isinstance(busy.failure, Busy)
    assert busy.failure.retry_after_s == busy.retry_after_s == 12


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"message": "top_p must be\\n at most 1."}}',
        b'{"object": "error", "message": "top_p must be at most 1"}',
        b'{"error": "top_p must be at most 1."}',
    ],
)
def test_a_wrong_request_says_what_the_upstream_says(body: bytes) -> None:
    wrong = told(400, body)
    assert isinstance(wrong, InvalidRequest)
    assert str(wrong) == "Upstream 'box' refuses the request: top_p must be at most 1."


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[1]", b"null", b"[" * 100_000])
def test_an_error_without_words_is_named_by_its_status(body: bytes) -> None:
    failed = told(501, body)
    assert str(failed) == "Upstream 'box' failed: HTTP 501."


def test_a_long_message_is_cut() -> None:
    assert len(str(told(400, b'{"error": "%s"}' % (b"a" * 5000)))) < 400


def test_a_redirect_says_what_to_correct() -> None:
    assert "upstreams.box.url" in str(told(308))


def test_a_long_prompt_without_known_limit_is_told() -> None:
    long = told(400, b'{"error": {"code": "context_length_exceeded"}}')
    assert isinstance(long, ContextLengthExceeded)
    assert "has 7 tokens and 'here' takes less" in str(long)


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [("3", 3), ("0.5", 0.5), ("-1", 0), ("inf", 3600), ("", None), ("soon", None)],
)
def test_a_wait_is_a_number_of_seconds(header: str, wait_s: float | None) -> None:
    assert seconds(header) == wait_s


def test_a_wait_may_be_a_date() -> None:
    at = datetime.now(UTC) + timedelta(seconds=60)
    assert seconds(format_datetime(at, usegmt=True)) == pytest.approx(60, abs=2)
    assert seconds("Mon, 01 Jan 99999999999999999999 00:00:00 GMT") is None
