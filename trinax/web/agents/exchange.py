"""One HTTP exchange of the protocol, for as long as the client is there."""

import asyncio

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trinax.errors import ServerStopping
from trinax.web.stopping import ended_by, stopped_alone

# scope key → an asyncio.Event that is set once the exchange is over, answered or not.
OVER = "trinax.over"


class Exchange(Response):
    """What an application answers to a request whose body is read."""

    def __init__(self, app: ASGIApp, body: bytes = b"") -> None:
        super().__init__()
        self._app = app
        self._asked: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A call that is over answers with an error, which its client still gets.
        with ended_by(scope, lambda: scope[OVER].set()):
            await self.exchanged(scope, receive, send)

    async def exchanged(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def asked() -> Message:
            return self._asked.pop() if self._asked else await receive()

        over = scope[OVER] = asyncio.Event()
        try:
            await self._app(scope, asked, send)
        finally:
            over.set()


class Listening(Exchange):
    """Messages that may never come: it ends as soon as the server begins to stop."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            with stopped_alone(scope, waits=True):
                await self.exchanged(scope, receive, watched)
        except ServerStopping:
            if not started:
                raise
            await send({"type": "http.response.body", "body": b"", "more_body": False})
