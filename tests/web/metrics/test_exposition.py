import pytest

from tests.web.metrics.lines import samples, value
from trinax.web.metrics.catalogue import Metric
from trinax.web.metrics.exposition import Exposition, Reading

SHEEP = Metric("sheep_total", "counter", "Sheep.", ("colour",))
LEAPS = Metric("leap_seconds", "histogram", "Leaps.", (), (0.1, 1.0))
GRASS = Metric("grass_bytes", "gauge", "Grass.", ("field",))
NAPS = Metric("nap_seconds", "summary", "Naps.")


def test_a_counter_adds_up_for_each_label() -> None:
    herd = Exposition([SHEEP])
    for colour in ("black", "white", "white"):
        herd.add(SHEEP, colour)
    herd.add(SHEEP, "white", amount=3)
    found = samples(herd.text().decode())
    assert value(found, "sheep_total", colour="white") == 5
    assert value(found, "sheep_total", colour="black") == 1


def test_a_histogram_counts_up_to_each_bound() -> None:
    herd = Exposition([LEAPS])
    for seconds in (0.05, 0.5, 5.0):
        herd.observe(LEAPS, seconds=seconds)
    found = samples(herd.text().decode())
    bounds = [value(found, "leap_seconds_bucket", le=le) for le in ("0.1", "1.0", "+Inf")]
    assert bounds == [1, 2, 3]
    assert value(found, "leap_seconds_sum") == pytest.approx(5.55)


def test_what_is_read_is_read_again_each_time() -> None:
    eaten = iter((10.0, 7.0))
    herd = Exposition(read=lambda: [Reading(GRASS, next(eaten), ("south",))])
    for left in (10, 7):
        assert value(samples(herd.text().decode()), "grass_bytes", field="south") == left


def test_a_summary_has_sum_and_count() -> None:
    found = samples(Exposition(read=lambda: [Reading(NAPS, 9.5, count=4)]).text().decode())
    assert value(found, "nap_seconds_sum") == 9.5
    assert value(found, "nap_seconds_count") == 4


def test_a_label_may_hold_anything() -> None:
    herd = Exposition([SHEEP])
    herd.add(SHEEP, 'so "said"\nthe \\ shepherd')
    found = samples(herd.text().decode())
    assert value(found, "sheep_total", colour='so "said"\nthe \\ shepherd') == 1


def test_nothing_is_shown_of_when_a_series_began() -> None:
    herd = Exposition([SHEEP, LEAPS])
    herd.add(SHEEP, "black")
    herd.observe(LEAPS, seconds=1)
    assert "_created" not in herd.text().decode()


def test_a_process_tells_of_itself() -> None:
    found = samples(Exposition(process=True).text().decode())
    assert value(found, "process_resident_memory_bytes") > 10_000_000
