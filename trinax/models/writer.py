"""A loaded model writing one answer after another, on its owner thread."""

from collections.abc import Sequence

from trinax.models.detokenise import Text
from trinax.models.lane import Cancelled, Job
from trinax.models.llama_model import (
    BATCH_TOKENS,
    Aborted,
    Context,
    Sampler,
    Vocabulary,
    Weights,
)
from trinax.models.ports import Finish, FinishReason, Piece
from trinax.models.sampling import Defaults, chain

KEPT, FORKED = 0, 1  # sequences


class Writer:
    """The weights, their context, and what it remembers.

    The last prompt and answer stay in memory: the next prompt is evaluated from where it differs.
    """

    def __init__(self, weights: Weights, context: Context, defaults: Defaults) -> None:
        self._weights = weights
        self._context = context
        self._vocabulary = Vocabulary(weights)
        self._defaults = defaults
        self._held: list[int] = []  # tokens in KEPT

    def write(self, job: Job) -> None:
        """Every choice of a job, in turn. Raises Cancelled, and ModelFailed for good."""
        try:
            self._read(job)
            for choice in range(job.sampling.n):
                self._write_choice(job, choice, last=choice == job.sampling.n - 1)
        except Cancelled:
            self._keep(len(self._held))  # an aborted evaluation leaves some tokens behind
            raise

    def resume(self) -> None:
        """Take back an abort() that came too late."""
        self._context.resume()

    def abort(self) -> None:
        """Stop what is being evaluated; may come from any thread."""
        self._context.abort()

    def close(self) -> None:
        self._context.close()
        self._weights.close()

    def _read(self, job: Job) -> None:
        """Bring all of the prompt but its last token into KEPT."""
        wanted = list(job.prompt[:-1])
        self._keep(_shared(self._held, wanted))
        while (start := len(self._held)) < len(wanted):
            part = wanted[start : start + BATCH_TOKENS]
            self._evaluate(job, part, start, KEPT)
            self._held += part

    def _keep(self, length: int) -> None:
        if not self._context.cut(KEPT, length):
            # A recurrent model has one state for the whole of a sequence.
            self._context.cut(KEPT, 0)
            length = 0
        del self._held[length:]

    def _write_choice(self, job: Job, choice: int, last: bool) -> None:
        """Continue KEPT itself if it is the last choice, else a fork of it."""
        sequence = KEPT if last else FORKED
        if not last:
            self._context.fork(KEPT, FORKED)
        settings = chain(job.sampling, self._defaults, choice)
        sampler = Sampler(self._vocabulary, settings, job.prompt, job.limit_tokens)
        try:
            reason, count = self._continue(job, choice, sampler, sequence)
        finally:
            sampler.close()
            if not last:
                self._context.cut(FORKED, 0)
        job.finished = last
        job.emit(Finish(reason, len(job.prompt), count, choice))

    def _continue(
        self, job: Job, choice: int, sampler: Sampler, sequence: int
    ) -> tuple[FinishReason, int]:
        """Emit pieces; returns why the choice ended and how many tokens it has."""
        text, token = Text(job.stop, job.lead), job.prompt[-1]
        reason: FinishReason = "length"
        count = 0
        while count < job.limit_tokens:
            self._evaluate(job, [token], len(job.prompt) - 1 + count, sequence, sampled=True)
            if sequence == KEPT:
                self._held.append(token)
            token = self._context.sample(sampler)
            if self._vocabulary.ends(token):
                reason = "stop"
                break
            count += 1
            _emit(job, choice, text.feed(self._vocabulary.piece(token)))
            if text.stopped:
                break
        _emit(job, choice, text.finish())
        return "stop" if text.stopped else reason, count

    def _evaluate(
        self, job: Job, tokens: Sequence[int], start: int, sequence: int, *, sampled: bool = False
    ) -> None:
        if job.cancelled:
            raise Cancelled
        try:
            self._context.evaluate(tokens, start, sequence, outputs=sampled)
        except Aborted as exc:
            raise Cancelled from exc


def _emit(job: Job, choice: int, text: str) -> None:
    if text:
        job.emit(Piece(text, choice))


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Length of the longest common beginning."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
