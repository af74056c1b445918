"""python -m trinax.evaluation.raw_decode MODEL: what llama_decode itself can do, as JSON.

Sequences with prompts of their own are read and then written in one batch, a token of each at a
time, greedily; nothing else happens. The time that counts begins after the model is loaded.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from llama_cpp import llama_cpp as native

BATCH_TOKENS = 512
MARGIN_TOKENS = 16


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m trinax.evaluation.raw_decode")
    parser.add_argument("model")
    parser.add_argument("--sequences", type=int, default=8)
    parser.add_argument("--prompt", type=int, default=30, help="tokens before each answer")
    parser.add_argument("--tokens", type=int, default=200, help="of each answer")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--shared", action="store_true", help="one cache for all sequences")
    parser.add_argument(
        "--beside", type=int, default=0, help="tokens of another sequence in that cache"
    )
    print(json.dumps({"tokens_per_s": measured(parser.parse_args())}))
    return 0


def measured(asked: Any) -> float:
    """Written tokens a second, all sequences together. asked: what main() reads."""
    log = native.llama_log_callback(lambda *_: None)
    native.llama_log_set(log, None)
    native.llama_backend_init()
    model = native.llama_model_load_from_file(
        asked.model.encode(), native.llama_model_default_params()
    )
    parameters = native.llama_context_default_params()
    room = asked.prompt + asked.tokens + MARGIN_TOKENS
    parameters.n_ctx = asked.sequences * room + asked.beside
    parameters.n_seq_max = asked.sequences + bool(asked.beside)
    parameters.n_batch = parameters.n_ubatch = BATCH_TOKENS
    parameters.n_threads = parameters.n_threads_batch = asked.threads
    parameters.kv_unified = asked.shared or asked.beside > 0
    context = native.llama_init_from_model(model, parameters)
    sampler = native.llama_sampler_init_greedy()
    batch = native.llama_batch_init(BATCH_TOKENS, 0, 1)
    size = native.llama_vocab_n_tokens(native.llama_model_get_vocab(model))
    for begin in range(0, asked.beside, BATCH_TOKENS):
        count = min(BATCH_TOKENS, asked.beside - begin)
        for index in range(count):
            _put(batch, index, (size - 1, begin + index, asked.sequences, False))
        _decode(context, batch, count)
    start = time.perf_counter()
    last = [
        _read(context, sampler, batch, (sequence, asked.prompt, size))
        for sequence in range(asked.sequences)
    ]
    for position in range(asked.prompt, asked.prompt + asked.tokens - 1):
        for sequence, token in enumerate(last):
            _put(batch, sequence, (token, position, sequence, True))
        _decode(context, batch, len(last))
        last = [native.llama_sampler_sample(sampler, context, i) for i in range(len(last))]
    return float(asked.sequences * asked.tokens / (time.perf_counter() - start))


def _read(context: Any, sampler: Any, batch: Any, prompt: tuple[int, int, int]) -> int:
    """Evaluate a prompt (sequence, length, vocabulary) and give the token that follows."""
    sequence, length, size = prompt
    for position in range(length):
        token = size - 1 - (97 * sequence + position) % 1000
        _put(batch, position, (token, position, sequence, position == length - 1))
    _decode(context, batch, length)
    token = native.llama_sampler_sample(sampler, context, -1)
    return int(token)


def _put(batch: Any, index: int, entry: Sequence[int]) -> None:
    batch.token[index], batch.pos[index], batch.seq_id[index][0], batch.logits[index] = entry
    batch.n_seq_id[index] = 1


def _decode(context: Any, batch: Any, count: int) -> None:
    batch.n_tokens = count
    if code := native.llama_decode(context, batch):
        raise RuntimeError(f"llama_decode failed with code {code}")


if __name__ == "__main__":
    sys.exit(main())
