"""The thread that alone touches a model."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from trinax.errors import Busy, ModelFailed, TrinaxError
from trinax.models.lane import Cancelled, Job, Lane

if TYPE_CHECKING:
    from trinax.models.writer import Writer

logger = logging.getLogger(__name__)

FIRST_GUESS_S = 5.0  # how long an answer takes, before one was written
SMOOTHING = 0.3  # weight of the last answer in the running mean


class Owner:
    """Loads a model at the first request, then writes one answer at a time until stopped.

    A model that failed is dropped and loaded anew for the next request.
    """

    def __init__(self, model_id: str, load: "Callable[[], Writer]", capacity: int) -> None:
        self._model_id = model_id
        self._load = load
        self._lane = Lane(capacity)
        self._lock = threading.Lock()  # over _writer and _job
        self._writer: Writer | None = None
        self._job: Job | None = None
        self._answer_s = FIRST_GUESS_S
        self._thread = threading.Thread(target=self._run, name=f"model {model_id}", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Raises Busy."""
        if not self._lane.put(job):
            raise self.busy()

    def busy(self) -> Busy:
        wait_s = self._answer_s * (self._lane.waiting + 1)
        return Busy(f"Model {self._model_id!r}", max(1.0, wait_s))

    def withdraw(self, job: Job) -> bool:
        """Take back a job that waits; False if it has been begun."""
        return self._lane.withdraw(job)

    def cancel(self, job: Job) -> None:
        """Stop a job wherever it is, within a token; does nothing to a finished one."""
        if self._lane.withdraw(job):
            return
        with self._lock:
            job.cancelled = True
            if self._job is job and self._writer:
                self._writer.abort()

    @property
    def idle(self) -> bool:
        return self._lane.idle

    def stop(self) -> None:
        """End the thread, what it writes included, and free the model; safe to call twice."""
        for waiting in self._lane.close():
            waiting.emit(self._stopped())
        with self._lock:
            running = self._job
        if running:
            self.cancel(running)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._lane.take()) is not None:
            began = time.monotonic()
            try:
                self._begin(job).write(job)
            except Cancelled:
                job.emit(self._stopped())
            except TrinaxError as exc:
                self._drop()
                job.emit(exc)
            except Exception:
                logger.exception("model %s stopped", self._model_id)
                self._drop()
                job.emit(ModelFailed(self._model_id, "an unexpected error; the log has it"))
            finally:
                with self._lock:
                    self._job = None
            self._answer_s += SMOOTHING * (time.monotonic() - began - self._answer_s)
        self._drop()

    def _begin(self, job: Job) -> "Writer":
        with self._lock:
            self._job = job
        writer = self._writer or self._load()
        with self._lock:
            self._writer = writer
            if job.cancelled:
                raise Cancelled
            writer.resume()
        return writer

    def _drop(self) -> None:
        with self._lock:
            writer, self._writer = self._writer, None
        if writer:
            writer.close()

    def _stopped(self) -> ModelFailed:
        return ModelFailed(self._model_id, "it was stopped")
