import pytest

from trinax.answering.routing.features import features


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hi", "greeting"),
        ("Muito obrigada!", "thanks"),
        ("vor- und nachteile", "weighing"),
        ("SQL-Abfrage", "language or tool"),
        ("请比较", "comparing"),
        ("```py\nx\n```", "fence"),
        ("see total(items)", "call"),
        ("KeyError: 'a'", "error"),
        ("at com.a.Cart.total(Cart.java:42)", "error"),
        ("2024-02-11 08:14:02 all is lost", "log"),
        ("src/net/io.rs", "source file"),
        ("lease.pdf", "document file"),
        ("parse_duration", "snake case"),
        ("ChunkStore", "camel case"),
        ("orders(id, total)", "schema"),
        ("SELECT a FROM b", "query"),
        ("ls --all", "command"),
        ("15% of 240", "sum"),
        ("enter `TRAVEL-02`", "form value"),
        ("run `ls -la`", "code span"),
        ("one? or two?", "asks twice"),
        ("a, b, c and d", "commas"),
        ("I am tired", "tells and asks nothing"),
        ("hello", "word ^hello"),
        ("one two", "word one two"),
        ("天气", "word 天气"),
    ],
)
def test_a_feature_is_seen(text: str, name: str) -> None:
    assert features(text)[name] > 0


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("the greatest suit", "two meanings"),
        ("What is in the primer?", "common fact"),
        ("McDonald was here", "camel case"),
        ("contract.pdf", "source file"),
        ("form value `TRAVEL-02`", "code span"),
        ("translate 'function' please", "two meanings"),
        ("multi-tenant", "document"),
    ],
)
def test_parts_of_words_and_values_are_no_cues(text: str, name: str) -> None:
    assert name not in features(text)


def test_a_word_twice_counts_once() -> None:
    assert features("compare compare")["comparing"] == features("compare")["comparing"] == 1


def test_more_words_of_a_group_count_more() -> None:
    assert features("compare and analyse")["comparing"] > features("compare")["comparing"]


def test_values_stay_small() -> None:
    assert max(features("compare, plan; weigh, cost: risk? " * 500).values()) <= 3
