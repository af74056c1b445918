import re

from trinax.web.metrics.catalogue import ALL, Metric


def test_every_metric_is_there_once() -> None:
    assert len({each.name for each in ALL}) == len(ALL)


def test_names_follow_the_rules() -> None:
    assert [each.name for each in ALL if not re.fullmatch(r"trinax(_[a-z]+)+", each.name)] == []
    totals = {each.name for each in ALL if each.name.endswith("_total")}
    assert totals == {each.name for each in ALL if each.kind == "counter"}


def test_what_is_a_time_is_in_seconds() -> None:
    times = [each for each in ALL if each.kind in ("histogram", "summary")]
    assert [each.name for each in times if not each.name.endswith("_seconds")] == []


def test_a_histogram_has_bounds_that_rise() -> None:
    def rises(metric: Metric) -> bool:
        return list(metric.bounds) == sorted({*metric.bounds})

    assert [each.name for each in ALL if not rises(each)] == []
    assert {each.kind for each in ALL if each.bounds} == {"histogram"}


def test_each_says_in_words_what_it_tells() -> None:
    assert [each.name for each in ALL if not re.search(r"[.)]$", each.help)] == []
    assert [each.name for each in ALL if "|" in each.help or "\n" in each.help] == []
