"""What Ollama's clients send to have something written."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from trinax.errors import InvalidRequest
from trinax.models.ports import JsonFormat, Sampling
from trinax.web.declaring.body import IGNORED, Body, Unsupported, Whole

STOP_LIMIT = 64
TOP_LOGPROBS_LIMIT = 20
ONLY_TEXT = "models here read text only"
# Ollama's names of what Started and Begun list by OpenAI's.
NAMES: Mapping[str, str] = {
    "max_tokens": "num_predict",
    "repetition_penalty": "repeat_penalty",
    "reasoning_effort": "think",
    "response_format": "format",
}

Stop = Annotated[list[str], Field(max_length=STOP_LIMIT)]


class OllamaOptions(Body):
    """A negative num_predict or seed is none, as Ollama has it."""

    num_predict: Whole | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_k: Annotated[Whole, Field(ge=-1)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    min_p: Annotated[float, Field(ge=0, le=1)] | None = None
    stop: str | Stop = Field(default_factory=list)
    seed: Whole | None = None
    repeat_penalty: Annotated[float, Field(ge=0.01, le=10)] = 1.0
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] = 0.0
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] = 0.0
    # Of the process that Ollama starts for a model, and of samplers that are not here.
    num_ctx: Annotated[Any, IGNORED] = None
    num_keep: Annotated[Any, IGNORED] = None
    num_batch: Annotated[Any, IGNORED] = None
    num_gpu: Annotated[Any, IGNORED] = None
    num_thread: Annotated[Any, IGNORED] = None
    main_gpu: Annotated[Any, IGNORED] = None
    low_vram: Annotated[Any, IGNORED] = None
    use_mmap: Annotated[Any, IGNORED] = None
    use_mlock: Annotated[Any, IGNORED] = None
    numa: Annotated[Any, IGNORED] = None
    repeat_last_n: Annotated[Any, IGNORED] = None
    typical_p: Annotated[Any, IGNORED] = None
    tfs_z: Annotated[Any, IGNORED] = None
    mirostat: Annotated[Any, IGNORED] = None
    mirostat_tau: Annotated[Any, IGNORED] = None
    mirostat_eta: Annotated[Any, IGNORED] = None
    penalize_newline: Annotated[Any, IGNORED] = None


class OllamaWriting(Body):
    """What /api/chat and /api/generate share. collections, web_search: as in chat completions.
    names: of the fields that failures are about."""

    names: ClassVar[Mapping[str, str]] = NAMES

    model: str = "auto"
    stream: bool = True
    format: Literal["", "json"] | dict[str, Any] = ""
    options: OllamaOptions = OllamaOptions()
    think: bool | Literal["low", "medium", "high"] | None = None
    keep_alive: float | str | None = None
    logprobs: bool = False
    top_logprobs: Annotated[Whole, Field(ge=0, le=TOP_LOGPROBS_LIMIT)] = 0
    collections: list[str] | None = None
    web_search: bool = False

    @property
    def wants_unloading(self) -> bool:
        """Whether nothing is to stay in memory: 0, "0", "0s", "0m"."""
        keep = self.keep_alive
        return keep == 0 or (isinstance(keep, str) and keep.rstrip("smh") == "0")

    @property
    def json_format(self) -> JsonFormat | None:
        if self.format == "":
            return None
        return JsonFormat(self.format) if isinstance(self.format, dict) else JsonFormat()

    @property
    def reasoning(self) -> str | None:
        if isinstance(self.think, bool):
            return "medium" if self.think else "none"
        return self.think

    @property
    def sampling(self) -> Sampling:
        """Raises InvalidRequest."""
        options, limit = self.options, self.options.num_predict
        return Sampling(
            max_tokens=limit if limit and limit > 0 else None,
            temperature=options.temperature,
            top_p=options.top_p,
            top_k=None if options.top_k is None else max(0, options.top_k),
            min_p=options.min_p,
            stop=self._stop,
            presence_penalty=options.presence_penalty,
            frequency_penalty=options.frequency_penalty,
            repetition_penalty=options.repeat_penalty,
            seed=None if options.seed is None or options.seed < 0 else options.seed,
            logprobs=self._alternatives,
        )

    @property
    def ignored(self) -> tuple[str, ...]:
        kept = self.keep_alive is not None and not self.wants_unloading
        return (*super().ignored, *self.options.ignored, *(("keep_alive",) if kept else ()))

    @property
    def _stop(self) -> tuple[str, ...]:
        stop = self.options.stop
        return tuple(filter(None, [stop] if isinstance(stop, str) else stop))

    @property
    def _alternatives(self) -> int | None:
        if self.top_logprobs and not self.logprobs:
            raise InvalidRequest("'top_logprobs' needs 'logprobs' to be true.", "top_logprobs")
        return self.top_logprobs if self.logprobs else None


class OllamaFunctionCall(Body):
    name: str
    arguments: dict[str, Any] | str = Field(default_factory=dict)


class OllamaToolCall(Body):
    id: str = ""
    function: OllamaFunctionCall


class OllamaMessage(Body):
    """tool_name, tool_call_id: which call a tool's message answers; neither: the next one."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str = ""
    thinking: str = ""
    images: list[Any] = Field(default_factory=list)
    tool_calls: list[OllamaToolCall] = Field(default_factory=list)
    tool_name: str = ""
    name: str = ""
    tool_call_id: str = ""


class OllamaFunction(Body):
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]
    description: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)


class OllamaTool(Body):
    type: Literal["function"] = "function"
    function: OllamaFunction


class OllamaChatBody(OllamaWriting):
    """Without messages the model is loaded, or unloaded where keep_alive is 0."""

    example: ClassVar[Mapping[str, Any]] = {
        "messages": [{"role": "user", "content": "Which settings does a search have?"}],
        "stream": False,
    }

    messages: list[OllamaMessage] = Field(default_factory=list)
    tools: Annotated[list[OllamaTool], Field(max_length=256)] = Field(default_factory=list)


class OllamaGenerateBody(OllamaWriting):
    """Without a prompt the model is loaded, or unloaded where keep_alive is 0. raw, suffix: the
    prompt is continued, or filled in, as it is: no chat template, no documents."""

    names: ClassVar[Mapping[str, str]] = {**NAMES, "messages": "prompt"}
    example: ClassVar[Mapping[str, Any]] = {"prompt": "What is a citation?", "stream": False}

    prompt: str = ""
    suffix: str | None = None
    system: str = ""
    raw: bool = False
    template: Annotated[Any, IGNORED] = None
    context: Annotated[
        list[Any] | None, Unsupported("earlier turns are sent as messages to /api/chat")
    ] = None
    images: Annotated[list[Any] | None, Unsupported(ONLY_TEXT)] = None

    @property
    def is_draft(self) -> bool:
        return self.raw or bool(self.suffix)

    @property
    def ignored(self) -> tuple[str, ...]:
        """A draft has no place for what goes round the prompt."""
        dropped = ("system", "collections", "web_search", "think")
        unused = [name for name in dropped if self.is_draft and self.given(name)]
        return (*super().ignored, *unused)


def by_ollamas_names(ignored: Iterable[str]) -> list[str]:
    """ignored: by Ollama's names or OpenAI's."""
    return [NAMES.get(name, name) for name in ignored]
