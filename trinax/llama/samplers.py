"""Samplers of one answer, run by llama.cpp."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from trinax.llama.library import native
from trinax.llama.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Chain:
    """Samplers in the order they are applied.

    repetition_penalty: over prompt and answer, as in CTRL (Keskar et al. 2019); 1 = off.
    presence_penalty, frequency_penalty: over the answer, as OpenAI defines them; 0 = off.
    top_k: 0 = off. top_p: 1 = off. min_p: 0 = off.
    temperature: 0 takes the likeliest token.
    """

    logit_bias: tuple[tuple[int, float], ...]
    repetition_penalty: float
    presence_penalty: float
    frequency_penalty: float
    top_k: int
    top_p: float
    min_p: float
    temperature: float
    seed: int


class Sampler:
    """One choice's samplers and their state; closed before its weights."""

    def __init__(
        self, vocabulary: Vocabulary, chain: Chain, prompt: Sequence[int], limit_tokens: int
    ) -> None:
        """prompt: what the repetition penalty counts beside the answer of at most limit_tokens."""
        self.pointer = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
        for sampler in _samplers(vocabulary.size, chain, prompt, limit_tokens):
            native.llama_sampler_chain_add(self.pointer, sampler)

    def close(self) -> None:
        if self.pointer:
            native.llama_sampler_free(self.pointer)
            self.pointer = None


def _samplers(size: int, chain: Chain, prompt: Sequence[int], limit: int) -> Iterator[Any]:
    if chain.logit_bias:
        pairs = [native.llama_logit_bias(token, bias) for token, bias in chain.logit_bias]
        biases = (native.llama_logit_bias * len(pairs))(*pairs)
        yield native.llama_sampler_init_logit_bias(size, len(biases), biases)
    if chain.repetition_penalty != 1:
        repetition = native.llama_sampler_init_penalties(
            size, len(prompt) + limit, chain.repetition_penalty, 0, 0
        )
        for token in prompt:
            native.llama_sampler_accept(repetition, token)
        yield repetition
    if chain.frequency_penalty or chain.presence_penalty:
        yield native.llama_sampler_init_penalties(
            size, limit, 1, chain.frequency_penalty, chain.presence_penalty
        )
    if chain.temperature <= 0:
        yield native.llama_sampler_init_greedy()
        return
    yield native.llama_sampler_init_top_k(chain.top_k)
    yield native.llama_sampler_init_top_p(chain.top_p, 1)
    yield native.llama_sampler_init_min_p(chain.min_p, 1)
    yield native.llama_sampler_init_temp(chain.temperature)
    yield native.llama_sampler_init_dist(chain.seed)
