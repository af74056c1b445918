"""python -m tests.hardening.fuzzing --inputs 100000 [--seed N]: hostile requests in numbers.

They are put to the whole application in this process; what must not happen ends it.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.hardening.asking import Answer, Sent, answered
from tests.hardening.hostile import requests, targets
from tests.web.conftest import application, folders
from trinax.settings import Access

TOKEN = "the-admin-token-of-these-tests"
# Slower than this nothing is that was sent, on a busy machine too.
SLOW_S = 10.0
# Says no with a 503 where nobody has asked the folders to be watched.
READY = "/ready"
LEAKS = (TOKEN.encode(), b"Traceback (most recent call last)", b"root:x:0:0")


@dataclass(frozen=True, slots=True)
class Harm:
    """secrets: what no answer may hold."""

    secrets: tuple[bytes, ...]

    def check(self, sent: Sent, answer: Answer) -> None:
        failed = answer.status >= 500 and sent.path != READY
        assert not failed, f"{sent} was answered with {answer.status}: {answer.body!r}"
        assert answer.took_s < SLOW_S, f"{sent} took {answer.took_s:.1f} s"
        told = answer.body + b"".join(name + value for name, value in answer.headers)
        for secret in self.secrets:
            assert secret not in told, f"{sent} was told {secret!r}"


def fuzzed(folder: Path, inputs: int, first: int) -> Mapping[int, int]:
    """How many of so many requests got each status. Raises AssertionError, and prints the least
    request that does harm."""
    guarded = replace(folders(folder), access=Access(admin_token=TOKEN))
    app = application(guarded)
    statuses: Counter[int] = Counter()
    harm = Harm((*LEAKS, str(folder).encode()))
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000)) as http:
        aims = targets(_routes(app), http.get("/openapi.json").json())
        portal = http.portal
        assert portal is not None

        @seed(first)
        @settings(
            max_examples=inputs,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(sent=requests(aims))
        def run(sent: Sent) -> None:
            answer = portal.call(answered, app, sent)
            statuses[answer.status] += 1
            harm.check(sent, answer)

        run()
    return statuses


def _routes(app: Starlette) -> list[Route]:
    return [route for route in app.routes if isinstance(route, Route)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hardening.fuzzing")
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        statuses = fuzzed(Path(folder), arguments.inputs, arguments.seed)
    print(", ".join(f"{count} × {status}" for status, count in sorted(statuses.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
