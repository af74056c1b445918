"""The template alone, for who needs neither tools nor reasoning."""

from collections.abc import Sequence

from trinax.models.chat.format import ChatFormat
from trinax.models.chat.spans import Span
from trinax.models.ports import Message

__all__ = ["ChatTemplate", "Span"]


class ChatTemplate:
    """A GGUF's chat template, or a plain layout where there is none or it cannot be used."""

    def __init__(self, source: str, bos: str = "", eos: str = "") -> None:
        self._format = ChatFormat(source, bos, eos)
        self.stop = self._format.stop

    def spans(self, messages: Sequence[Message]) -> list[Span]:
        return list(self._format.prompt(messages).spans)
