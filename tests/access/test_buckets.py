from trinax.access.buckets import Buckets, Standing, standing

SECOND = 1_000_000_000


def taken(buckets: Buckets, client: str, times: int, now_ns: int = 0) -> None:
    for _ in range(times):
        assert not buckets.after(client, now_ns).retry_after_s
        buckets.take(client, now_ns)


def test_a_minutes_requests_may_come_at_once() -> None:
    buckets = Buckets(30)
    taken(buckets, "a", 29)
    assert buckets.after("a", 0) == Standing(30, remaining=0, reset_s=60.0)
    taken(buckets, "a", 1)
    assert buckets.after("a", 0) == Standing(30, 0, reset_s=60.0, retry_after_s=2.0)


def test_waiting_as_long_as_told_is_enough() -> None:
    buckets = Buckets(7)
    taken(buckets, "a", 7)
    wait_ns = round(buckets.after("a", 0).retry_after_s * SECOND)
    assert buckets.after("a", wait_ns - 1).retry_after_s
    assert not buckets.after("a", wait_ns).retry_after_s


def test_a_bucket_fills_steadily_and_not_beyond_a_minutes_requests() -> None:
    buckets = Buckets(60)
    taken(buckets, "a", 60)
    assert buckets.after("a", 10 * SECOND).remaining == 9
    assert buckets.after("a", 3600 * SECOND).remaining == 59


def test_clients_do_not_take_from_each_other() -> None:
    buckets = Buckets(2)
    taken(buckets, "a", 2)
    assert buckets.after("b", 0).remaining == 1


def test_where_several_count_the_fullest_decides() -> None:
    wide, narrow = Buckets(100), Buckets(1)
    assert standing([(wide, "a"), (narrow, "b")], 0).limit == 1
    taken(narrow, "b", 1)
    assert standing([(wide, "a"), (narrow, "b")], 0).retry_after_s == 60.0


def test_a_hundred_thousand_clients_are_a_bounded_number_of_entries() -> None:
    buckets = Buckets(30, clients=1000)
    for number in range(100_000):
        buckets.take(f"10.{number}", number)
    assert len(buckets) == 1000


def test_those_whose_bucket_is_full_again_are_forgotten() -> None:
    buckets = Buckets(30)
    for number in range(1000):
        buckets.take(str(number), 0)
    for second in range(600):
        buckets.take("steady", (60 + second) * SECOND)
    assert len(buckets) < 500


def test_the_last_to_ask_is_the_last_to_be_forgotten() -> None:
    buckets = Buckets(2, clients=2)
    taken(buckets, "a", 1)
    taken(buckets, "b", 1)
    taken(buckets, "a", 1)
    taken(buckets, "c", 1)
    assert buckets.after("a", 0).retry_after_s
    assert buckets.after("b", 0).remaining == 1
