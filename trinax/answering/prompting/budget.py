"""What a prompt may take of a model's context."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trinax.errors import ContextLengthExceeded
from trinax.models.ports import Message

# At most this share of a context is kept free for the answer.
ANSWER_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Budget:
    """What a prompt may take. context_tokens: None for no limit. answer_tokens: what the answer
    may take; as much of the context is kept free for it, up to a quarter. count: of a prompt's
    tokens; may block."""

    model: str
    context_tokens: int | None
    answer_tokens: int
    count: Callable[[Sequence[Message]], int]

    @property
    def limit_tokens(self) -> int | None:
        context = self.context_tokens
        if context is None:
            return None
        return context - min(self.answer_tokens, int(context * ANSWER_SHARE))

    def fits(self, messages: Sequence[Message]) -> bool:
        return self.limit_tokens is None or self.count(messages) <= self.limit_tokens

    def checked(self, messages: Sequence[Message]) -> int:
        """Their tokens, 0 where there is no limit. Raises ContextLengthExceeded."""
        limit_tokens = self.limit_tokens
        needed = 0 if limit_tokens is None else self.count(messages)
        if limit_tokens is not None and needed > limit_tokens:
            raise ContextLengthExceeded(self.model, needed, limit_tokens)
        return needed
