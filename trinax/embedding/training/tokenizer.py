"""Byte-pair ranks: learned with Hugging Face tokenizers, written in tiktoken's form."""

import base64
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenizers import Regex, Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split
from tokenizers.trainers import BpeTrainer

from trinax.documents.tokens import PATTERN, normalised
from trinax.embedding.static import canonical
from trinax.embedding.training.pairs import pairs
from trinax.embedding.training.source_code import modules

SIZE = 32_768
# Languages are sampled by the square root of their share, as multilingual BERT does (it uses .7).
SMOOTHING = 0.5
# The embedder reads canonical text; this share keeps punctuation, for counting tokens of raw text.
RAW_SHARE = 0.15
BLOCK_CHARACTERS = 20_000


def sample(file: Path, source: Path, sample_characters: int, seed: int) -> Iterator[str]:
    """Texts of the file's pairs, small languages more often, and all Python below source.

    sample_characters: taken from the pairs, about.
    """
    sizes: Counter[str] = Counter()
    for pair in pairs(file):
        sizes[pair.language] += len(pair.query) + len(pair.passage)
    shares = {language: size**SMOOTHING for language, size in sizes.items()}
    unit = sample_characters / sum(shares.values())
    copies = {language: unit * shares[language] / size for language, size in sizes.items()}
    draw = random.Random(seed)
    for pair in pairs(file):
        wanted = copies[pair.language]
        for _ in range(int(wanted) + (draw.random() < wanted % 1)):
            yield _form(pair.query + "\n" + pair.passage, draw)
    for _, text in modules(source):
        for start in range(0, len(text), BLOCK_CHARACTERS):
            yield _form(text[start : start + BLOCK_CHARACTERS], draw)


def learn(texts: Iterable[str]) -> Tokenizer:
    """A byte-level BPE of at most SIZE pieces."""
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = Sequence(
        [Split(Regex(PATTERN), "isolated"), ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    trainer = BpeTrainer(
        vocab_size=SIZE,
        initial_alphabet=ByteLevel.alphabet(),
        limit_alphabet=256,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def ranks(tokenizer: Tokenizer) -> dict[bytes, int]:
    """tiktoken's ranks of a byte-level BPE: the 256 bytes, then the merges in their order."""
    byte_of = byte_of_character()
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    merged = [bytes(byte_of[character] for character in "".join(pair)) for pair in merges]
    tokens = [bytes([value]) for value in range(256)] + merged
    return {token: rank for rank, token in enumerate(dict.fromkeys(tokens))}


def write(rank_of: dict[bytes, int], file: Path) -> None:
    """Lines of base64 token and rank."""
    lines = (f"{base64.b64encode(token).decode()} {rank}\n" for token, rank in rank_of.items())
    file.write_text("".join(lines), "ascii")


def byte_of_character() -> dict[str, int]:
    """The byte that each character of a byte-level token stands for."""
    # The printable stand-ins of GPT-2's encoder.py, in the order in which it assigns them.
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [value for value in range(256) if value not in printable]
    stand_ins = {chr(256 + place): value for place, value in enumerate(hidden)}
    return {chr(value): value for value in printable} | stand_ins


def _form(text: str, draw: random.Random) -> str:
    if draw.random() < RAW_SHARE:
        return normalised(text)
    return " " + " ".join(canonical(text).split())
