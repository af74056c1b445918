"""What lets a request through to its route: limits of the client, and the plan of its key."""

import re
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import anyio
import anyio.to_thread
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trinax.access.buckets import Standing
from trinax.access.gate import Family, Gate
from trinax.access.keyring import FILE
from trinax.access.plans import Good, allowances, plan_of
from trinax.access.policy import Caller
from trinax.access.quotas import Quotas, Reservation
from trinax.answering.records import Allowance
from trinax.errors import Forbidden
from trinax.settings import Settings
from trinax.web.declaring.body import characters
from trinax.web.middleware import CALLER
from trinax.web.wire import headers

VISIT = "trinax.visit"
ADMISSION = "trinax.admission"
SESSION_HEADER = "x-trinax-session"
SESSION = re.compile(r"[A-Za-z0-9_-]{8,64}")


class Admission:
    """All that requests are counted in, for as long as the server runs."""

    def __init__(self, settings: Settings) -> None:
        self.gate = Gate(settings.limits)
        self.quotas = Quotas(settings.data_dir / FILE)
        self.plans = settings.plans
        self.paid = frozenset(id_ for each in settings.upstreams.values() for id_ in each.paid)


@dataclass(frozen=True, slots=True)
class Counts:
    """Brings what requests are counted in to every one."""

    app: ASGIApp
    admission: Admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[ADMISSION] = self.admission
        await self.app(scope, receive, send)


class Visit:
    """One request, from its admission to its end."""

    def __init__(self, admission: Admission, caller: Caller, held: ExitStack) -> None:
        """held: is left at the end of the request."""
        self.caller = caller
        self.plan = plan_of(caller.plan, admission.plans)
        self._admission = admission
        self.allowance = Allowance()
        self._held = held
        self._spent: list[Reservation] = []

    def check(self, asked: Any) -> None:
        """Whether there is a place at the model that a body names, and the plan takes that much
        text. Raises TooManyAtOnce and InputTooLong."""
        if model := getattr(asked, "model", None):
            self._held.enter_context(self._admission.gate.queue(self.caller, model))
        if self.plan:
            self.allowance = Allowance(self.plan.input_characters, characters(asked))
            self.allowance.check(attached=0)

    def costs(self, model: str) -> bool:
        """Whether a request to the model is counted against the plan."""
        return self.plan is not None and model in self._admission.paid

    async def spend(self, good: Good) -> None:
        """Count one against the plan, before the work. Raises QuotaExceeded, and Forbidden where
        the plan gives none at all."""
        if self.plan is None:
            return
        now = datetime.now(UTC)
        given = allowances(self.plan, good, now)
        if not all(each.limit for each in given):
            raise Forbidden(f"The plan {self.caller.plan!r} gives no {given[0].what}.")
        reserve = self._admission.quotas.reserve
        self._spent.append(
            await anyio.to_thread.run_sync(reserve, self.caller.id, good, given, now)
        )

    def used(self, good: Good) -> dict[str, int]:
        """Period → how many. Blocks."""
        return self._admission.quotas.used(self.caller.id, good)

    async def refund(self) -> None:
        """What the request has spent, for it was not answered; safe to call twice."""
        spent, self._spent = self._spent, []
        for each in spent:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._admission.quotas.refund, each)


@dataclass(frozen=True, slots=True)
class Admits:
    """Lets requests to a route through, as many as the limits allow. streams: whether the answer
    can be one."""

    app: ASGIApp
    family: Family
    streams: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        admission: Admission = scope[ADMISSION]
        caller: Caller = scope[CALLER]
        standing = admit(scope, self.family)
        with ExitStack() as held:
            if self.streams:
                held.enter_context(admission.gate.stream(caller))
            visit = scope[VISIT] = Visit(admission, caller, held)
            wire = _Wire(send, standing)
            try:
                await self.app(scope, receive, wire.send)
            except ClientDisconnect:
                raise
            except Exception:
                await visit.refund()
                raise
            if wire.refused:
                await visit.refund()


def admit(scope: Scope, family: Family) -> Standing | None:
    """Count a request. Raises RateLimited."""
    admission: Admission = scope[ADMISSION]
    given = Headers(scope=scope).get(SESSION_HEADER, "")
    session = given if SESSION.fullmatch(given) else ""
    return admission.gate.admit(scope[CALLER], family, session, time.monotonic_ns())


def visit(request: Request) -> Visit:
    found: Visit = request.scope[VISIT]
    return found


class _Wire:
    """Tells in the head of an answer how the client stands; refused: whether it is none."""

    def __init__(self, socket: Send, standing: Standing | None) -> None:
        self.refused = False
        self._socket = socket
        self._standing = standing

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.refused = message["status"] >= 400
            standing = self._standing
            if standing and not self.refused:
                shown = headers.rate_limit(standing.limit, standing.remaining, standing.reset_s)
                raw = [(name.encode(), value.encode()) for name, value in shown.items()]
                message["headers"] = [*message["headers"], *raw]
        await self._socket(message)
