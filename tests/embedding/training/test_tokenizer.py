import json
from pathlib import Path

import pytest

pytest.importorskip("tokenizers")

import tiktoken
from tokenizers import Tokenizer

from trinax.documents.tokens import PATTERN
from trinax.embedding.training import tokenizer

TEXTS = (
    "the quick brown fox\n\n  jumps over 12345 lazy dogs",
    "¿dónde está la biblioteca? où est la bibliothèque",
    "def f(self, x):\n\treturn x ** 2  # пример 例え",
    "🙂\u200d\x00\ufffd",
)


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder = tmp_path_factory.mktemp("texts")
    pair = {"q": "the lazy dog", "p": "la biblioteca 例え", "kind": "qa", "lang": "es", "src": ""}
    (folder / "pairs.jsonl").write_text((json.dumps(pair) + "\n") * 50, "utf-8")
    (folder / "code.py").write_text("def f(self, x):\n    return x\n" * 50)
    return tokenizer.learn(tokenizer.sample(folder / "pairs.jsonl", folder, 2_000, seed=0))


def test_ranks_split_as_the_learned_tokenizer(learned: Tokenizer) -> None:
    ranks = tokenizer.ranks(learned)
    encoding = tiktoken.Encoding(
        "learned", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={}
    )
    stand_in = {byte: character for character, byte in tokenizer.byte_of_character().items()}
    for text in TEXTS:
        split = encoding.decode_tokens_bytes(encoding.encode_ordinary(text))
        expected = learned.encode(text).tokens
        assert ["".join(stand_in[byte] for byte in token) for token in split] == expected


def test_ranks_begin_with_every_byte(learned: Tokenizer) -> None:
    ranks = tokenizer.ranks(learned)
    assert [ranks[bytes([value])] for value in range(256)] == list(range(256))
    assert sorted(ranks.values()) == list(range(len(ranks)))


def test_written_ranks_are_lines_of_base64_and_rank(tmp_path: Path) -> None:
    tokenizer.write({b"a": 0, b" b": 1}, tmp_path / "ranks")
    assert (tmp_path / "ranks").read_text() == "YQ== 0\nIGI= 1\n"
