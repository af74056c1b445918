"""One choice of a request while it is written: logits to tokens to text."""

import logging
from collections.abc import Iterator

import numpy as np

from trinax.llama.context import Context
from trinax.llama.samplers import Chain, Sampler
from trinax.llama.vocabulary import Vocabulary
from trinax.models.generation.detokenise import Text
from trinax.models.generation.job import Ended, Event, Job, Wrote
from trinax.models.generation.logprobs import Likelihoods
from trinax.models.generation.sampling import Defaults, chain
from trinax.models.ports import TokenLogprob

logger = logging.getLogger(__name__)


class Choice:
    """Closed before its weights."""

    def __init__(self, job: Job, number: int, vocabulary: Vocabulary, defaults: Defaults) -> None:
        self._job = job
        self._number = number
        self._vocabulary = vocabulary
        self._text = Text(job.stop, job.lead)
        self._constraint = job.constraint.copy() if job.constraint else None
        self._sampler = _sampler(job, chain(job.sampling, defaults, number), vocabulary)
        self._never = list(vocabulary.closing) if job.sampling.ignore_eos else None
        self._told = 0  # tokens whose text has been emitted
        self._logprobs: list[TokenLogprob] = []  # of tokens whose text has not
        self.tokens = 0
        self.ended = False

    def next(self, context: Context, place: int) -> int | None:
        """The token after the one whose outputs lie at place; None if it ends the choice, which
        has then no text of its own."""
        logits = context.logits(place)
        wanted = self._job.sampling.logprobs
        likelihoods = None if wanted is None else Likelihoods(logits, wanted)
        if self._never:
            logits[self._never] = -np.inf
        if self._constraint:
            self._constraint.apply(logits)
        sampler = self._sampler
        token = context.sample(sampler, place) if sampler else int(logits.argmax())
        if token in self._vocabulary.closing and token not in self._job.spelled:
            return None
        if likelihoods:
            self._logprobs.append(likelihoods.of(token, self._vocabulary))
        return token

    def write(self, token: int | None, cached_tokens: int) -> Iterator[Event]:
        """What is to be told of the token; ended is set when there is nothing more to come."""
        stopped = token is None
        if token is not None and self._job.limit_tokens > 0:
            self.tokens += 1
            yield from self._wrote(self._text.feed(self._bytes(token)))
            if self._constraint:
                self._constraint.accept(token)
            stopped = (
                self._text.stopped
                or token in self._vocabulary.closing
                or (self._constraint is not None and self._constraint.fulfilled)
            )
        if self._constraint and self._constraint.broken:
            logger.warning("A grammar cannot be followed further: %s", self._constraint.problem)
            yield from self.end(False, cached_tokens)
        elif stopped or self.tokens >= self._job.limit_tokens:
            yield from self.end(stopped, cached_tokens)

    def end(self, stopped: bool, cached_tokens: int) -> Iterator[Event]:
        self.ended = True
        yield from self._wrote(self._text.finish(), last=True)
        waited_s = self._job.waited_s
        yield Ended(self._number, stopped, self.tokens, cached_tokens, waited_s)

    def close(self) -> None:
        if self._sampler:
            self._sampler.close()

    def _bytes(self, token: int) -> bytes:
        if token in self._job.spelled:
            return self._vocabulary.spelling(token)
        return self._vocabulary.piece(token)

    def _wrote(self, text: str, last: bool = False) -> Iterator[Wrote]:
        if text or (last and self._logprobs):
            logprobs, self._logprobs = tuple(self._logprobs), []
            yield Wrote(self._number, text, self.tokens - self._told, logprobs, not self._told)
            self._told = self.tokens


def _sampler(job: Job, settings: Chain, vocabulary: Vocabulary) -> Sampler | None:
    """None if the likeliest token is simply taken."""
    if settings.temperature <= 0 and not (
        settings.logit_bias
        or settings.repetition_penalty != 1
        or settings.presence_penalty
        or settings.frequency_penalty
    ):
        return None
    return Sampler(vocabulary, settings, job.prompt.tolist(), job.limit_tokens)
