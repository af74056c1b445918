"""What a model writes, as it is shown."""

from collections.abc import Iterator
from dataclasses import replace

from trinax.answering.grounding.binding import Judge
from trinax.answering.grounding.filtering import CitationFilter
from trinax.models.ports import CallPiece, GenerationEvent, Piece, TokenLogprob


class Shown:
    """One choice. Citations are judged in its answer, never in its reasoning or its calls; log
    probabilities come with the text that they belong to.

    called: whether it calls a tool.
    """

    def __init__(self, judge: Judge | None) -> None:
        """judge: None leaves brackets alone."""
        self.called = False
        self._texts: list[str] = []
        self._filter = None if judge is None else CitationFilter(judge)
        self._logprobs: list[TokenLogprob] = []

    def events(self, event: GenerationEvent) -> Iterator[GenerationEvent]:
        """What can be shown now; a Piece with nothing to show is kept back."""
        if isinstance(event, Piece) and event.channel == "reasoning":
            # OpenAI's log probabilities are those of the answer.
            yield replace(event, logprobs=())
        elif isinstance(event, Piece):
            self._logprobs += event.logprobs
            text = self._filter.feed(event.text) if self._filter else event.text
            if text:
                yield self._piece(text, event.choice)
        else:
            self.called = self.called or isinstance(event, CallPiece)
            text = self._filter.flush() if self._filter else ""
            if text or self._logprobs:
                yield self._piece(text, event.choice)
            yield event

    @property
    def text(self) -> str:
        """Of the answer so far."""
        return "".join(self._texts)

    def _piece(self, text: str, choice: int) -> Piece:
        self._texts.append(text)
        logprobs, self._logprobs = tuple(self._logprobs), []
        return Piece(text, choice, logprobs=logprobs)
