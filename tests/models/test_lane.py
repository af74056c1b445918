from trinax.models.lane import Job, Lane
from trinax.models.ports import Sampling


def job() -> Job:
    return Job([1], Sampling(), (), "", 1, lambda event: None)


def test_jobs_are_taken_in_order() -> None:
    lane, first, second = Lane(2), job(), job()
    assert lane.put(first)
    assert lane.put(second)
    assert [lane.take(), lane.take()] == [first, second]


def test_as_many_wait_as_there_is_room_beside_the_one_at_work() -> None:
    lane = Lane(1)
    assert [lane.put(job()) for _ in range(3)] == [True, True, False]
    lane.take()
    assert not lane.put(job())


def test_a_lane_without_room_takes_one_at_a_time() -> None:
    lane, first = Lane(0), job()
    assert lane.put(first)
    lane.take()
    assert not lane.put(job())
    first.finished = True
    assert lane.put(job())


def test_a_withdrawn_job_makes_room() -> None:
    lane, first, second = Lane(0), job(), job()
    lane.put(first)
    assert lane.withdraw(first)
    assert lane.put(second)
    assert lane.take() is second


def test_a_job_at_work_cannot_be_withdrawn() -> None:
    lane, first = Lane(1), job()
    lane.put(first)
    lane.take()
    assert not lane.withdraw(first)


def test_a_lane_is_idle_between_jobs() -> None:
    lane, first = Lane(1), job()
    before = lane.idle
    lane.put(first)
    waiting = lane.idle
    lane.take()
    at_work = lane.idle
    first.finished = True
    assert (before, waiting, at_work, lane.idle) == (True, False, False, True)


def test_a_closed_lane_gives_back_what_waited_and_takes_no_more() -> None:
    lane, first = Lane(1), job()
    lane.put(first)
    assert lane.close() == [first]
    assert lane.take() is None
    assert not lane.put(job())
