"""How an answer is to be written, as the OpenAI-shaped bodies say it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from trinax.models.ports import Turn
from trinax.web.declaring.body import Body, Whole

STOP_LIMIT = 4
TOP_LOGPROBS_LIMIT = 20
TIMEOUT_LOW_S, TIMEOUT_HIGH_S = 0.001, 86_400

# llama.cpp's clients send -1 for "as many as there is room for".
NO_LIMIT = -1
TokenLimit = Annotated[Whole, Field(ge=1)] | Literal[-1]
Penalty = Annotated[float, Field(ge=-2, le=2)]
StopText = Annotated[str, Field(min_length=1)]
TokenId = Annotated[str, Field(pattern=r"^[0-9]{1,9}$")]
Bias = Annotated[float, Field(ge=-100, le=100)]
TopLogprobs = Annotated[Whole, Field(ge=0, le=TOP_LOGPROBS_LIMIT)]

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
# OpenAI's names → how much reasoning a model here is asked for.
EFFORTS: Mapping[Effort, str] = {
    "none": "none",
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
    "max": "high",
}


class SamplingBody(Body):
    """What every OpenAI-shaped body that is answered in words has in common."""

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    top_k: Annotated[Whole, Field(ge=0)] | None = None
    min_p: Annotated[float, Field(ge=0, le=1)] | None = None
    presence_penalty: Penalty = 0.0
    frequency_penalty: Penalty = 0.0
    repetition_penalty: Annotated[float, Field(ge=0.01, le=10)] = 1.0
    logit_bias: dict[TokenId, Bias] = Field({})
    stop: StopText | Annotated[list[StopText], Field(max_length=STOP_LIMIT)] = Field([])
    seed: Whole | None = None
    ignore_eos: bool = False
    timeout: Annotated[float, Field(ge=TIMEOUT_LOW_S, le=TIMEOUT_HIGH_S)] | None = None

    def turn(self, key: str) -> Turn:
        """key: of who asks."""
        return Turn(key=key, limit_s=self.timeout)


def sampling_fields(asked: SamplingBody) -> dict[str, Any]:
    """As Sampling calls them."""
    return {
        "temperature": asked.temperature,
        "top_p": asked.top_p,
        "top_k": asked.top_k,
        "min_p": asked.min_p,
        "presence_penalty": asked.presence_penalty,
        "frequency_penalty": asked.frequency_penalty,
        "repetition_penalty": asked.repetition_penalty,
        "logit_bias": {int(token): bias for token, bias in asked.logit_bias.items()},
        "stop": (asked.stop,) if isinstance(asked.stop, str) else tuple(asked.stop),
        "seed": asked.seed,
        "ignore_eos": asked.ignore_eos,
    }


def effort(asked: Effort | None) -> str | None:
    return None if asked is None else EFFORTS[asked]


def limit_tokens(*limits: int | None) -> int | None:
    """The first that was sent; None for as many as there is room for."""
    sent = next((limit for limit in limits if limit is not None), NO_LIMIT)
    return None if sent == NO_LIMIT else sent
