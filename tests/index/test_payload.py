from dataclasses import replace

from tests.answering.passages import passage as made
from trinax.index.payload import SUMMARISED, passage, payload, summarised, summary


def test_a_passage_comes_back_with_the_encoding_of_its_bytes() -> None:
    kept = made("Über")
    kept = replace(kept, chunk=replace(kept.chunk, encoding="utf-16-le", page=3))
    assert passage("demo", kept.chunk.id, payload(kept)) == kept


def test_some_of_a_payload_is_enough_for_a_summary() -> None:
    first = made("Über" * 100)
    some = {key: value for key, value in payload(first).items() if key in SUMMARISED}
    assert summarised(some, 3) == summary(first, 3)
