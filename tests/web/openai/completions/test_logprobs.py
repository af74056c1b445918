from trinax.models.ports import TokenLogprob
from trinax.web.openai.completions.logprobs import LogprobTables, mean


def token(data: bytes, logprob: float, *top: TokenLogprob) -> TokenLogprob:
    return TokenLogprob(data.decode("utf-8", "replace"), data, logprob, top)


def test_the_taken_token_stands_among_the_likeliest() -> None:
    told = LogprobTables().part([token(b" two", -2.0, token(b" one", -0.5))])
    assert told == {
        "tokens": [" two"],
        "token_logprobs": [-2.0],
        "top_logprobs": [{" one": -0.5, " two": -2.0}],
        "text_offset": [0],
    }


def test_offsets_count_characters_from_part_to_part() -> None:
    tables = LogprobTables()
    assert tables.part([token("é".encode(), -1.0), token(b"a", -1.0)])["text_offset"] == [0, 1]
    assert tables.part([token(b"b", -1.0)])["text_offset"] == [2]


def test_parts_of_a_character_are_told_apart() -> None:
    euro = "€".encode()
    told = LogprobTables().part([token(euro[:1], -1.0), token(euro[1:], -2.0), token(b"!", -3.0)])
    assert told["tokens"] == [r"bytes:\xe2", r"bytes:\x82\xac", "!"]
    assert told["text_offset"] == [0, 0, 1]


def test_long_texts_are_judged_as_short_ones() -> None:
    assert mean([token(b"a", -1.0)] * 10) == mean([token(b"a", -1.0)]) == -1.0
    assert mean([]) < mean([token(b"a", -50.0)])
