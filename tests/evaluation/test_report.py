from trinax.evaluation.comparison import Comparison, Loss, Mean
from trinax.evaluation.outcomes import Outcome, Scores
from trinax.evaluation.report import losses_table, means_table, scores_table, table

SCORES = Scores("birds", "bm25", 3, 0.5, 1.0, 1.0, 1 / 3, 1.234, 10.0)


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_a_table_aligns_its_columns() -> None:
    assert table(["set", "n"], [["a", "1"], ["long", "20"]]) == (
        "| set  |  n |\n|------|---:|\n| a    |  1 |\n| long | 20 |"
    )


def test_a_table_may_be_empty() -> None:
    assert table(["set", "n"], []) == "| set | n |\n|-----|--:|"


def test_scores_have_three_decimals() -> None:
    row = cells(scores_table([(SCORES, None)]).splitlines()[-1])
    assert row[:7] == ["birds", "bm25", "3", "0.500", "1.000", "1.000", "0.333"]
    assert row[7:] == ["", "", "", "", "", "1.23", "10.00"]


def test_a_comparison_tells_its_gain_and_its_chance() -> None:
    against = Comparison("BM25", 0.4, 0.25, 0.0301, 2, 1, 0)
    row = cells(scores_table([(SCORES, against)]).splitlines()[-1])
    assert row[7:12] == ["+25.0 %", ".030", "2", "1", "0"]


def test_a_chance_below_what_was_drawn_is_no_zero() -> None:
    against = Comparison("BM25", 0.0, None, 0.0001, 3, 0, 0)
    row = cells(scores_table([(SCORES, against)]).splitlines()[-1])
    assert row[7:9] == ["", "<.0005"]


def test_a_certain_chance_keeps_its_one() -> None:
    against = Comparison("BM25", 0.5, 0.0, 1.0, 0, 0, 3)
    assert cells(scores_table([(SCORES, against)]).splitlines()[-1])[7:9] == ["+0.0 %", "1.000"]


def test_the_mean_of_the_reference_is_compared_with_nothing() -> None:
    row = cells(means_table([Mean("all", "bm25", 2, 0.5, 0, 0, 0, None, 0, 0)]).splitlines()[-1])
    assert row[-3:] == ["", "", ""]


def test_a_loss_is_one_line_whatever_is_asked() -> None:
    here = Outcome("q1", "a | b\n" + "long " * 40, 0.0, 0, 0, 0, None, "x|y", 1.0)
    there = Outcome("q1", here.text, 1.0, 1, 1, 1, 1, "owl", 1.0)
    shown = losses_table([Loss("birds", "hybrid", here, there)]).splitlines()
    row = cells(shown[-1])
    assert len(shown) == 3
    assert row[0].startswith("a / b long")
    assert row[0].endswith("…")
    assert row[3:] == ["0.000", "1.000", "–", "1", "x/y"]
