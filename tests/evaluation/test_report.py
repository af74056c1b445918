from trinax.evaluation.report import scores_table, table
from trinax.evaluation.runner import Scores


def test_a_table_aligns_its_columns() -> None:
    assert table(["set", "n"], [["a", "1"], ["long", "20"]]) == (
        "| set  |  n |\n|------|---:|\n| a    |  1 |\n| long | 20 |"
    )


def test_a_table_may_be_empty() -> None:
    assert table(["set", "n"], []) == "| set | n |\n|-----|--:|"


def test_scores_have_three_decimals() -> None:
    row = scores_table([Scores("birds", "bm25", 3, 0.5, 1.0, 1.0, 1 / 3)]).splitlines()[-1]
    assert row == "| birds   | bm25 |       3 |   0.500 | 1.000 | 1.000 |  0.333 |"
