"""Good, wrong and broken-off requests, and what may come of each."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from trinax.evaluation.random_model import words
from trinax.evaluation.streaming import Reply

Kind = Literal["whole", "stream", "broken off", "left", "limited", "wrong"]

SEED = 11
WEIGHTS: Mapping[Kind, int] = {
    "whole": 5,
    "stream": 5,
    "broken off": 3,
    "left": 2,
    "limited": 2,
    "wrong": 2,
}
LIMITS_S = (0.001, 0.02, 0.1)  # some too short for any answer, some for long ones
LEAVES_S = 0.05
TEXTS = 50  # different prompts of each length, so that some are met again

# Each is refused for itself, whatever else the request holds.
WRONG: tuple[Mapping[str, Any], ...] = (
    {"messages": []},
    {"messages": "hello"},
    {"max_tokens": 0},
    {"temperature": 9},
    {"top_p": "high"},
    {"n": 99},
    {"stop": [""]},
    {"logit_bias": {"first": 1}},
    {"timeout": -1},
    {"model": "nobody"},
    {"collections": ["nowhere"]},
    {"messages": [{"role": "user", "content": words(4000, "too long")}]},
)


@dataclass(frozen=True, slots=True)
class Asked:
    """reads: pieces of the answer that are waited for before the client goes; None for all.
    leaves_s: after so long it goes without having read any."""

    kind: Kind
    body: Mapping[str, Any]
    reads: int | None = None
    leaves_s: float = 0.0


def requests(count: int, model: str, seed: int = SEED) -> Iterator[Asked]:
    """A mixture of every kind, the same for the same seed."""
    chance = random.Random(seed)
    for kind in chance.choices(list(WEIGHTS), weights=list(WEIGHTS.values()), k=count):
        yield _asked(kind, good_body(chance, model), chance)


def good_body(chance: random.Random, model: str) -> dict[str, Any]:
    """What a server can answer."""
    prompt = words(chance.choice((5, 30, 200, 800)), str(chance.randrange(TEXTS)))
    body: dict[str, Any] = {
        "model": model,
        "collections": [],
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": chance.choice((1, 8, 32, 128)),
        "temperature": chance.choice((0, 0.8)),
        "ignore_eos": True,
    }
    if chance.random() < 0.2:
        body["n"] = chance.choice((2, 4))
    if chance.random() < 0.2:
        body["stop"] = [chance.choice("aeiou"), "zz"]
    return body


def fault(asked: Asked, reply: Reply) -> str:
    """What is wrong with a reply to such a request, "" for nothing."""
    said = f"{asked.kind}: {reply.status} {reply.error[:300]}"
    if reply.status == 429:
        return ""
    if asked.kind == "wrong":
        refused = 400 <= reply.status < 500
        return "" if refused else f"{said} for {str(asked.body)[-200:]}"
    if asked.kind in ("broken off", "left") and reply.status in (0, 200) and not reply.error:
        return ""
    # The one failure of a server that a client asks for.
    if asked.kind == "limited" and (reply.status == 504 or "timed_out" in reply.error):
        return ""
    answered = reply.status == 200 and not reply.error and reply.completion_tokens > 0
    return "" if answered else said


def _asked(kind: Kind, body: Mapping[str, Any], chance: random.Random) -> Asked:
    streamed = {**body, "stream": True, "stream_options": {"include_usage": True}}
    either = chance.choice((body, streamed))
    if kind == "stream":
        return Asked(kind, streamed)
    if kind == "broken off":
        return Asked(kind, streamed, reads=chance.randint(1, 20))
    if kind == "left":
        return Asked(kind, either, leaves_s=LEAVES_S * chance.random())
    if kind == "limited":
        return Asked(kind, {**either, "timeout": chance.choice(LIMITS_S)})
    if kind == "wrong":
        return Asked(kind, {**either, **chance.choice(WRONG)})
    return Asked(kind, body)
