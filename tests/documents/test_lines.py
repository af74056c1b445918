from trinax.documents.lines import borders


def test_a_cut_costs_more_the_deeper_the_line() -> None:
    prices = list(borders("a\n    b\n        c\n").values())
    assert prices[0] < prices[1] < prices[2]


def test_a_blank_line_before_makes_a_cut_cheaper() -> None:
    crowded, airy = borders("x\na\n\na\n")[2], borders("x\na\n\na\n")[5]
    assert airy < crowded


def test_a_closing_bracket_stays_with_its_block() -> None:
    found = borders("f(\n    1\n)\n")
    assert found[9] > found[3]


def test_tabs_indent_by_four() -> None:
    assert borders("x\n\ty")[2] == borders("x\n    y")[2]


def test_blank_lines_start_nothing() -> None:
    assert list(borders("\n\n  \na\n\n\nb\n\n")) == [5, 9]
