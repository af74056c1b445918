"""A model's vocabulary and chat format, without its weights: what requests are checked with."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from trinax.errors import ModelFailed
from trinax.llama.vocabulary import Vocabulary
from trinax.llama.weights import Weights
from trinax.models.catalogue.catalogue import Installed
from trinax.models.chat.format import ChatFormat, Parser, Rendered
from trinax.models.chat.infill import infill_tokens
from trinax.models.chat.prompt import prompt_tokens
from trinax.models.generation.constraint import Constraint, Grammars
from trinax.models.ports import Generation, Infilling, JsonFormat, Message, Tools

RECENT = 8  # prompts
Asked = tuple[tuple[Message, ...], Tools, str | None]


@dataclass(frozen=True, slots=True)
class Read:
    """A request in the model's terms.

    stop: texts that end its answers beside the request's own. spelled: control tokens whose marks
    are part of the text. opening: what the prompt ends with that belongs to the answer already,
    None where the answer is plain text.
    """

    prompt: list[int]
    stop: tuple[str, ...] = ()
    spelled: frozenset[int] = frozenset()
    constraint: Constraint | None = None
    opening: str | None = None


class Reader:
    """Thread-safe; opening one can take a second."""

    def __init__(self, model: Installed) -> None:
        """Raises ModelFailed."""
        self._id = model.info.id
        self._lock = threading.Lock()
        self._weights = Weights(model.info.id, model.path, vocabulary_only=True)
        self.vocabulary = Vocabulary(self._weights)
        source = str(model.metadata.get("tokenizer.chat_template", ""))
        specials = self.vocabulary.specials
        self._format = ChatFormat(source, self.vocabulary.bos, self.vocabulary.eos, specials)
        controls = {text: each.token for text, each in specials.items() if each.control}
        self._controls = controls
        self._spelled = frozenset(controls[mark] for mark in self._format.marks if mark in controls)
        self._grammars = Grammars(self.vocabulary)
        self._recent: deque[tuple[Asked, tuple[Rendered, list[int]]]] = deque(maxlen=RECENT)

    def count(self, messages: Sequence[Message], tools: Tools) -> int:
        """Length of the prompt in tokens."""
        with self._lock:
            self._check_open()
            return len(self._prompt(tuple(messages), tools, None)[1])

    def read(self, generation: Generation) -> Read:
        """Raises InvalidRequest and UnsupportedParameter."""
        with self._lock:
            self._check_open()
            if generation.infilling:
                return self._raw(generation.infilling, generation.format)
            tools = generation.tools
            rendered, tokens = self._prompt(generation.messages, tools, generation.reasoning)
            grammar = self._format.grammar(
                tools, generation.format, rendered.opening, self._controls
            )
            return Read(
                prompt=tokens,
                stop=self._format.stop,
                spelled=self._spelled,
                constraint=self._constraint(grammar, generation.format),
                opening=rendered.opening,
            )

    @property
    def reasons(self) -> bool:
        """Whether the model thinks before it answers."""
        return self._format.reasons

    def parser(self, tools: Tools, opening: str) -> Parser:
        """For one choice."""
        return self._format.parser(tools, opening)

    def close(self) -> None:
        with self._lock:
            self._weights.close()

    def _prompt(
        self, messages: tuple[Message, ...], tools: Tools, reasoning: str | None
    ) -> tuple[Rendered, list[int]]:
        """A prompt is counted before it is written, so the last ones are remembered."""
        asked = messages, tools, reasoning
        for before, prompt in self._recent:
            if before == asked:
                return prompt
        rendered = self._format.prompt(messages, tools, reasoning)
        tokens = prompt_tokens(rendered.spans, self.vocabulary, self._format.marks)
        self._recent.append((asked, (rendered, tokens)))
        return rendered, tokens

    def _raw(self, infilling: Infilling, json_format: JsonFormat | None) -> Read:
        grammar = self._format.grammar(Tools(), json_format, "", self._controls)
        prompt = infill_tokens(infilling, self.vocabulary)
        return Read(prompt, constraint=self._constraint(grammar, json_format))

    def _constraint(self, grammar: str | None, json_format: JsonFormat | None) -> Constraint | None:
        if grammar is None:
            return None
        return self._grammars.constraint(grammar, "response_format" if json_format else "tools")

    def _check_open(self) -> None:
        if self._weights.pointer is None:
            raise ModelFailed(self._id, "it was stopped")
