import json
from pathlib import Path

import pytest

from trinax.answering.routing.features import features
from trinax.answering.routing.kinds import by_weights, weights
from trinax.errors import InvalidRequest
from trinax.evaluation.routing import (
    REQUESTS,
    UNSEEN,
    Labelled,
    crossed,
    learned,
    main,
    predicted,
    read,
    report,
)

FEW = [
    Labelled(f"{text} {number}", kind, "en")  # type: ignore[arg-type]
    for number in ("one", "two", "three")
    for text, kind in (
        ("hello there", "trivial"),
        ("debug this function", "code"),
        ("summarise the letter", "general"),
        ("weigh the pros and cons of", "complex"),
    )
]


def lines(folder: Path, requests: list[Labelled]) -> Path:
    file = folder / "few.jsonl"
    rows = [{"text": each.text, "kind": each.kind, "lang": each.language} for each in requests]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def test_what_is_learned_is_known() -> None:
    assert predicted(FEW, learned(FEW)) == [each.kind for each in FEW]


def test_the_same_requests_teach_the_same() -> None:
    assert learned(FEW) == learned(FEW)


def test_rare_words_are_not_learned() -> None:
    taught = learned([*FEW, Labelled("zugzwang", "complex", "de")])
    assert "word zugzwang" not in taught
    assert "word hello" in taught


def test_each_request_is_judged_by_the_others() -> None:
    odd = [Labelled("hello there", "complex", "en")]
    assert crossed(odd, FEW) == ["trivial"]


def test_training_writes_what_the_router_reads(tmp_path: Path) -> None:
    file = tmp_path / "weights.json"
    assert main(["train", "--requests", str(lines(tmp_path, FEW)), "--weights", str(file)]) == 0
    taught = json.loads(file.read_text("utf-8"))
    assert by_weights(features("hello there"), taught).kind == "trivial"


def test_judging_counts_what_is_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = [Labelled("hi", "trivial", "en"), Labelled("hola", "complex", "es")]
    assert main(["judge", str(lines(tmp_path, asked))]) == 0
    told = capsys.readouterr().out
    assert "| all | 1 of 2 | 0.500 |" in told
    assert "| language es | 0 of 1 | 0.000 |" in told


def test_borderline_requests_are_also_left_out() -> None:
    asked = [Labelled("a", "code", "en"), Labelled("b", "code", "en", borderline=True)]
    assert "| without borderline | 1 of 1 |" in report(asked, ["code", "general"])


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"text": "a"}', '{"text": 1, "kind": "code"}', '{"text": "a", "kind": "b"}'],
)
def test_a_line_that_is_no_request_is_named(
    tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(f"\n{line}\n", "utf-8")
    with pytest.raises(InvalidRequest, match=r"bad\.jsonl:2"):
        read(file)
    assert main(["judge", str(file)]) == 1
    assert "bad.jsonl:2" in capsys.readouterr().err


def test_a_missing_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["judge", str(tmp_path / "no.jsonl")]) == 1
    assert "no.jsonl" in capsys.readouterr().err


def share(file: Path) -> float:
    asked = read(file)
    kinds = predicted(asked, weights())
    return sum(each.kind == kind for each, kind in zip(asked, kinds, strict=True)) / len(asked)


def test_the_shipped_weights_know_what_they_learned_from() -> None:
    assert share(REQUESTS) > 0.95


def test_the_shipped_weights_are_right_on_requests_they_never_saw() -> None:
    assert share(UNSEEN) > 0.88


def test_no_unseen_request_was_learned_from() -> None:
    seen = {each.text for each in read(REQUESTS)}
    assert seen.isdisjoint(each.text for each in read(UNSEEN))
    assert len(seen) == len(read(REQUESTS))
