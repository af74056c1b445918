"""The thread that alone touches a model."""

import logging
import threading
import time
from collections.abc import Callable, Set
from typing import TYPE_CHECKING

from trinax.errors import Busy, ModelFailed, TrinaxError
from trinax.models.generation.job import Job
from trinax.models.generation.outbox import Outbox
from trinax.models.generation.precedence import Precedence
from trinax.models.generation.waiting import WaitingRoom
from trinax.models.ports import Load

if TYPE_CHECKING:
    from trinax.models.generation.engine import Engine
    from trinax.models.generation.scheduler import Scheduler

logger = logging.getLogger(__name__)

FIRST_GUESS_S = 5.0  # how long an answer takes, before one was written
SMOOTHING = 0.3  # weight of the last answer in the running mean
REST_S = 0.01  # between two looks at whether another model's more urgent work is done


class Owner:
    """Loads a model at the first request, then lets the scheduler write until stopped.

    A model that failed is dropped and loaded anew for the next request.
    """

    def __init__(
        self,
        model_id: str,
        load: "Callable[[], Engine]",
        slots: int,
        capacity: int,
        precedence: Precedence,
    ) -> None:
        """slots: answers written at once. capacity: requests that may wait beside them.
        precedence: shared by the models of a machine."""
        self._precedence = precedence
        self._model_id = model_id
        self._load = load
        self._slots = slots
        self._waiting = WaitingRoom(capacity)
        # Over what follows; notified when there is something to do.
        self._changed = threading.Condition()
        self._engine: Engine | None = None
        self._begun: dict[Job, float] = {}  # when each job at work was begun
        self._reading: set[Job] = set()  # whose prompts are being evaluated
        self._closed = False
        self._answer_s = FIRST_GUESS_S
        self._thread = threading.Thread(target=self._run, name=f"model {model_id}", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Raises Busy, and ModelFailed after stop()."""
        with self._changed:
            if self._closed:
                raise self._stopped()
            if not self._waiting.put(job, self._free()):
                raise self._busy()
            self._changed.notify()

    def busy(self) -> Busy:
        with self._changed:
            return self._busy()

    def withdraw(self, job: Job) -> bool:
        """Take back a job that waits for others; False if it has been begun, or waits for the
        model to be loaded."""
        with self._changed:
            return self._engine is not None and self._waiting.withdraw(job)

    def cancel(self, job: Job) -> None:
        """Stop a job wherever it is, within a token; does nothing to a finished one."""
        if self._waiting.withdraw(job):
            return
        with self._changed:
            job.cancelled = True
            # A step that only writes is over in a moment, and others are in it.
            if job in self._reading and self._engine:
                self._engine.context.abort()

    def load(self) -> Load:
        with self._changed:
            begun, waiting = len(self._begun), len(self._waiting)
            wait_s = 0.0 if self._free() > waiting else self._wait_s()
            running, places = min(begun, self._slots), self._waiting.places()
            waiting += begun - running  # those that were put aside for more urgent ones
            return Load(self._model_id, running, waiting, self._slots, wait_s, places)

    @property
    def idle(self) -> bool:
        with self._changed:
            return not self._begun and not len(self._waiting)

    def stop(self) -> None:
        """End the thread, what it writes included, and free the model; safe to call twice."""
        with self._changed:
            self._closed = True
            if self._engine:
                self._engine.context.abort()
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while self._something():
            try:
                self._write(self._scheduler())
            except TrinaxError as exc:
                self._fail(exc)
            except Exception:
                logger.exception("model %s stopped", self._model_id)
                self._fail(ModelFailed(self._model_id, "an unexpected error; the log has it"))
        self._fail(self._stopped())

    def _something(self) -> bool:
        """Waits for a job; False once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._waiting))
            return not self._closed

    def _scheduler(self) -> "Scheduler":
        # The scheduler's modules import llama_cpp, which takes 0.8 s.
        from trinax.models.generation.scheduler import Scheduler

        engine = self._load()
        with self._changed:
            self._engine = engine
        scheduler = Scheduler(engine, self._slots, self._waiting)
        if engine.parking:
            scheduler.slots.adopt(engine.parking.load())
        return scheduler

    def _write(self, scheduler: "Scheduler") -> None:
        """Until it is closed or fails; between jobs it keeps what the scheduler has computed."""

        outbox = Outbox()

        def begin(reading: set[Job]) -> None:
            self._account(scheduler.jobs, reading)
            # Now, and not after the step before: who reads it needs the GIL, which is free while
            # llama.cpp computes.
            outbox.send_due()

        try:
            while self._something():
                while not self._closed:
                    if self._precedence.goes(self, scheduler.rank):
                        outbox.put(scheduler.step(begin))
                    else:
                        self._rest(scheduler, outbox)
                    if not scheduler.jobs:
                        break
                self._precedence.leave(self)
                self._account(scheduler.jobs, set())
                outbox.send()
                scheduler.tidy()
            parking = self._engine and self._engine.parking
            if parking:
                parking.save(scheduler.slots.kept)
        finally:
            self._precedence.leave(self)
            self._account(scheduler.jobs, set())
            outbox.send()
            scheduler.stop()

    def _rest(self, scheduler: "Scheduler", outbox: Outbox) -> None:
        """While another model has more urgent work."""
        scheduler.rest()
        self._account(scheduler.jobs, set())
        outbox.send()
        with self._changed:
            if not self._closed:
                self._changed.wait(REST_S)

    def _account(self, jobs: Set[Job], reading: set[Job]) -> None:
        """Before each evaluation. reading: whose prompts will be evaluated now."""
        with self._changed:
            if self._begun.keys() != jobs:
                now = time.monotonic()
                for job in self._begun.keys() - jobs:
                    took_s = now - self._begun.pop(job)
                    self._answer_s += SMOOTHING * (took_s - self._answer_s)
                for job in jobs:
                    self._begun.setdefault(job, now)
            self._reading = reading
            if not self._engine:
                return
            if self._closed or any(job.cancelled for job in reading):
                self._engine.context.abort()
            else:
                self._engine.context.resume()

    def _fail(self, error: TrinaxError) -> None:
        """Tell everybody who has been begun, at the end also who waits, and free the model."""
        with self._changed:
            jobs, self._begun, self._reading = list(self._begun), {}, set()
            engine, self._engine = self._engine, None
            if self._closed or engine is None:  # it cannot be loaded, or will not be
                jobs += self._waiting.empty()
        outbox = Outbox()
        outbox.put({job: [error] for job in jobs})
        outbox.send()
        if engine:
            engine.close()

    def _free(self) -> int:
        return max(0, self._slots - len(self._begun))

    def _wait_s(self) -> float:
        return self._answer_s * (len(self._waiting) + 1) / self._slots

    def _busy(self) -> Busy:
        return Busy(f"Model {self._model_id!r}", max(1.0, self._wait_s()))

    def _stopped(self) -> ModelFailed:
        return ModelFailed(self._model_id, "it was stopped")
