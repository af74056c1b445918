from dataclasses import replace

from tests.answering.passages import passage as made
from trinax.index.payload import passage, payload


def test_a_passage_comes_back_with_the_encoding_of_its_bytes() -> None:
    kept = made("Über")
    kept = replace(kept, chunk=replace(kept.chunk, encoding="utf-16-le", page=3))
    assert passage("demo", kept.chunk.id, payload(kept)) == kept
