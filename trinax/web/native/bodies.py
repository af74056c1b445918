"""What clients of the native API send to have something written."""

from trinax.answering.completing import Draft
from trinax.answering.records import Ask
from trinax.answering.routing.route import AUTO
from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Infilling, Message
from trinax.web.openai import chat_body as chat
from trinax.web.openai.chat_body import ChatBody, ChatWriting, ask, sampling
from trinax.web.openai.chat_tools import json_format

# What goes round a prompt, for which one that is continued as it is has no place.
AROUND = (
    "system",
    "collections",
    "attachments",
    "web_search",
    "web_search_options",
    "tools",
    "functions",
    "reasoning_effort",
)


class NativeChatBody(ChatBody):
    """As for POST /v1/chat/completions, but that n is 1."""


class NativeGenerateBody(ChatWriting):
    """The same with a prompt in place of messages. raw, suffix: the prompt is continued, or filled
    in, as it is: no chat template, no documents."""

    prompt: str = ""
    system: str = ""
    raw: bool = False
    suffix: str | None = None

    @property
    def is_draft(self) -> bool:
        return self.raw or bool(self.suffix)

    @property
    def ignored(self) -> tuple[str, ...]:
        unused = [name for name in AROUND if self.is_draft and self.given(name)]
        return (*super().ignored, *unused)


def chat_ask(asked: NativeChatBody, key: str) -> Ask:
    """key: of who asks. Raises InvalidRequest and UnsupportedParameter, naming the parameter."""
    _check_choices(asked)
    return chat.chat_ask(asked, key)


def prompt_ask(asked: NativeGenerateBody, key: str) -> Ask:
    """The prompt as the one question of a conversation. Raises as chat_ask."""
    _check_choices(asked)
    if not asked.prompt.strip():
        raise InvalidRequest("'prompt' must be a text that is not empty.", "prompt")
    system = (Message("system", asked.system),) if asked.system else ()
    return ask(asked, (*system, Message("user", asked.prompt)), key)


def draft(asked: NativeGenerateBody, key: str) -> Draft:
    """The prompt to be continued as it is. Raises as chat_ask."""
    _check_choices(asked)
    if not asked.prompt and not asked.suffix:
        raise InvalidRequest("'prompt' must be a text that is not empty.", "prompt")
    return Draft(
        (Infilling(asked.prompt, asked.suffix or None),),
        asked.model or AUTO,
        sampling(asked),
        asked.turn(key),
        json_format(asked.response_format),
    )


def _check_choices(asked: ChatWriting) -> None:
    if asked.n > 1:
        raise UnsupportedParameter(
            "n", "an answer here is one text; POST /v1/chat/completions gives several"
        )
