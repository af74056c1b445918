"""What the parts tell of their work, counted."""

from collections.abc import Mapping

from trinax.answering.records import Done, Route
from trinax.models.measuring import Generated
from trinax.web.metrics import catalogue
from trinax.web.metrics.exposition import Exposition

# Models that have metrics of their own; files come and go.
MODELS = 100
OTHERS = "(others)"


class Recorder:
    """Thread-safe."""

    def __init__(self) -> None:
        self._exposition = Exposition(catalogue.OF_EVENTS)
        self._models: set[str] = set()

    def searched(self, timing_ms: Mapping[str, float]) -> None:
        observe = self._exposition.observe
        for stage, took_ms in timing_ms.items():
            observe(catalogue.SEARCH_STAGE_SECONDS, stage, seconds=took_ms / 1000)
        observe(catalogue.SEARCH_SECONDS, seconds=sum(timing_ms.values()) / 1000)

    def answered(self, route: Route, done: Done) -> None:
        self._exposition.add(catalogue.ANSWERS, route.kind, done.grounding.verdict)
        for stage, took_ms in done.timing_ms.items():
            self._exposition.observe(catalogue.ANSWER_STAGE_SECONDS, stage, seconds=took_ms / 1000)

    def generated(self, text: Generated) -> None:
        exposition, model = self._exposition, self._named(text.model)
        exposition.add(catalogue.GENERATIONS, model, text.outcome)
        if text.waited_s is not None:
            exposition.observe(catalogue.WAIT_SECONDS, model, seconds=text.waited_s)
        if text.first_s is not None:
            exposition.observe(catalogue.FIRST_SECONDS, model, seconds=text.first_s)
        if text.token_s is not None:
            exposition.observe(catalogue.TOKEN_SECONDS, model, seconds=text.token_s)
        if text.outcome == "finished":
            exposition.add(catalogue.PROMPT_TOKENS, model, amount=text.prompt_tokens)
            exposition.add(catalogue.CACHED_TOKENS, model, amount=text.cached_tokens)
            exposition.add(catalogue.WRITTEN_TOKENS, model, amount=text.completion_tokens)

    def text(self) -> bytes:
        return self._exposition.text()

    def _named(self, model: str) -> str:
        if model in self._models:
            return model
        if len(self._models) >= MODELS:
            return OTHERS
        self._models.add(model)
        return model
