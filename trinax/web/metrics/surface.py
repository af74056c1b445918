"""Metrics for a monitoring system."""

from functools import partial

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from trinax.errors import Forbidden
from trinax.web.control import Control
from trinax.web.declaring.operation import Operation, caller
from trinax.web.metrics.exposition import CONTENT_TYPE, Exposition
from trinax.web.metrics.readings import Readings
from trinax.web.metrics.recording import Recorder


class Metrics:
    def __init__(self, recorder: Recorder, readings: Readings) -> None:
        self._recorder = recorder
        self._readings = readings

    def operations(self) -> list[Operation]:
        return [Operation("GET", "/metrics", self.metrics, "text/plain", "metrics")]

    async def metrics(self, request: Request) -> Response:
        """What the server has done and how it is, as Prometheus reads it. Not for keys that are
        limited to some collections or models, for the others are named in it."""
        asking = caller(request)
        if asking.collections is not None or asking.models is not None:
            raise Forbidden(
                f"Metrics are of all collections and models, and the API key {asking.name!r} is "
                "limited to some; create one with the scope 'metrics' alone."
            )
        text = await anyio.to_thread.run_sync(self._text, request)
        return Response(text, media_type=CONTENT_TYPE)

    def _text(self, request: Request) -> bytes:
        control: Control = request.app.state.control
        requests: Exposition = request.app.state.counted
        now = Exposition(read=partial(self._readings.all, control), process=True)
        return requests.text() + self._recorder.text() + now.text()
