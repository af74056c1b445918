"""gpt-oss: messages in channels, each with a header."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trinax.models.chat.dialect import Asked
from trinax.models.chat.events import Events
from trinax.models.chat.lark import ANY, Lark, arguments_schema, either
from trinax.models.chat.stream import Stream, Wait
from trinax.models.chat.tagged import GENERIC

START, CHANNEL, MESSAGE, CONSTRAIN = "<|start|>", "<|channel|>", "<|message|>", "<|constrain|>"
END, RETURN, CALL = "<|end|>", "<|return|>", "<|call|>"
ROLE = "assistant"
ANALYSIS = f"{CHANNEL}analysis{MESSAGE}"
RECIPIENT = re.compile(r"to=functions\.([\w./-]+)")
WRITTEN = re.compile(rf"\s*({ROLE})?\s*")


@dataclass(frozen=True, slots=True)
class Harmony:
    """Source: the format's description in OpenAI's cookbook, "OpenAI harmony response format"."""

    marks: tuple[str, ...] = (START, CHANNEL, MESSAGE, CONSTRAIN, END, RETURN, CALL)
    stop: tuple[str, ...] = ()
    thought: None = None

    def tell(self, calls: Sequence[tuple[str, str]]) -> str:
        return GENERIC.written(calls)  # its template knows calls

    def opening(self, prompt: str) -> str:
        return "".join(prompt.rpartition(START)[1:])

    def read(self, stream: Stream, events: Events) -> Wait[None]:
        while True:
            stream.keep()
            yield from stream.skip(START)
            header: list[str] = []
            mark = yield from stream.until((MESSAGE, END, RETURN, CALL), header.append)
            write = _writer("".join(header), events) if mark == MESSAGE else None
            if not write:
                # Not a message, or to somebody who is not here: as it was written.
                events.answer(_unframed(stream.kept()))
            stream.kept()
            if mark == MESSAGE:
                mark = yield from stream.until((END, RETURN, CALL), write or events.answer)
            if not mark or events.full:
                return

    def rule(self, lark: Lark, asked: Asked, opening: str) -> str:
        again = lark.until(f"{END}{START}{ROLE}")
        begin = "" if opening else lark.text(f"{START}{ROLE}") + " "
        thoughts = f"{lark.text(ANALYSIS)} {again}"
        final = f"{lark.text(CHANNEL + 'final')} {self._constrained(lark)} {lark.text(MESSAGE)}"
        choices = [f"{lark.text(head)} {body}" for head, body in self._calls(lark, asked)]
        if asked.json:
            choices.append(f"{final} {lark.json(asked.json.schema)}")
        elif not asked.calls:
            thoughts += f" | {lark.text(f'{CHANNEL}commentary{MESSAGE}')} {again}"
            choices.append(f"{final} {lark.rule(ANY)}")
        return f"{begin}({thoughts})* {either(choices)}"

    def _calls(self, lark: Lark, asked: Asked) -> list[tuple[str, str]]:
        calls = []
        for tool in asked.tools:
            arguments = lark.json(arguments_schema(tool))
            body = f"{self._constrained(lark)} {lark.text(MESSAGE)} {arguments}"
            calls.append((f"{CHANNEL}commentary to=functions.{tool.name}", body))
        return calls

    def _constrained(self, lark: Lark) -> str:
        return f"({lark.text(f' {CONSTRAIN}json')})?"


def _writer(header: str, events: Events) -> Callable[[str], None] | None:
    """Where the text of a message goes; None if nowhere."""
    recipient = RECIPIENT.search(header)
    if recipient and recipient[1] in events.tools:
        events.call(recipient[1])
        return events.arguments
    if "to=" in header:
        return None
    return events.reason if f"{CHANNEL}analysis" in header else events.answer


def _unframed(text: str) -> str:
    """Without the frame that the prompt begins every answer with."""
    text = text.removeprefix(START)
    found = WRITTEN.match(text)
    return text[found.end() :] if found else text
