from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from trinax.access.plans import allowances
from trinax.access.quotas import Quotas
from trinax.errors import KeysFailed, QuotaExceeded
from trinax.settings import Plan

NOW = datetime(2026, 11, 28, 22, 30, tzinfo=UTC)  # a Saturday
PLAN = Plan("all", 100, paid_per_day=2, paid_per_week=3, web_searches_per_day=1)


@pytest.fixture
def quotas(tmp_path: Path) -> Quotas:
    return Quotas(tmp_path / "access.sqlite")


def reserved(quotas: Quotas, now: datetime = NOW, key_id: str = "k1", times: int = 1) -> None:
    for _ in range(times):
        quotas.reserve(key_id, "paid", allowances(PLAN, "paid", now), now)


def test_a_days_quota_ends_with_the_day(quotas: Quotas) -> None:
    reserved(quotas, times=2)
    with pytest.raises(QuotaExceeded, match=r"2 requests to paid models a day.*1 h 30 min") as told:
        reserved(quotas)
    assert told.value.retry_after_s == 90 * 60
    reserved(quotas, NOW + timedelta(days=1))


def test_a_weeks_quota_ends_with_the_week(quotas: Quotas) -> None:
    reserved(quotas, times=2)
    sunday, monday = NOW + timedelta(days=1), NOW + timedelta(days=2)
    reserved(quotas, sunday)
    with pytest.raises(QuotaExceeded, match="3 requests to paid models a week"):
        reserved(quotas, sunday)
    reserved(quotas, monday, times=2)


def test_what_is_refused_is_not_counted(quotas: Quotas) -> None:
    reserved(quotas, times=2)
    for _ in range(5):
        with pytest.raises(QuotaExceeded):
            reserved(quotas)
    assert quotas.used("k1", "paid") == {"2026-11-28": 2, "2026-W48": 2}


def test_keys_and_goods_are_counted_apart(quotas: Quotas) -> None:
    reserved(quotas, times=2)
    reserved(quotas, key_id="k2")
    quotas.reserve("k1", "web_search", allowances(PLAN, "web_search", NOW), NOW)
    assert quotas.used("k1", "web_search") == {"2026-11-28": 1}


def test_a_refund_gives_back_in_each_period(quotas: Quotas) -> None:
    reservation = quotas.reserve("k1", "paid", allowances(PLAN, "paid", NOW), NOW)
    quotas.refund(reservation)
    assert set(quotas.used("k1", "paid").values()) == {0}


def test_a_late_refund_of_a_day_that_is_over_makes_no_debt(quotas: Quotas) -> None:
    reservation = quotas.reserve("k1", "paid", allowances(PLAN, "paid", NOW), NOW)
    reserved(quotas, NOW + timedelta(days=1))
    quotas.refund(reservation)
    assert quotas.used("k1", "paid") == {"2026-11-29": 1, "2026-W48": 1}


def test_a_restart_forgets_nothing(quotas: Quotas, tmp_path: Path) -> None:
    reserved(quotas, times=2)
    with pytest.raises(QuotaExceeded):
        reserved(Quotas(tmp_path / "access.sqlite"))


def test_fifty_are_fifty_however_many_ask_at_once(tmp_path: Path) -> None:
    plan = Plan("all", 100, paid_per_day=50, paid_per_week=1000)
    # As two processes have it; on a busy machine the one that waits is passed over for long.
    both = [Quotas(tmp_path / "access.sqlite", wait_s=60) for _ in range(2)]

    def admitted(number: int) -> bool:
        try:
            both[number % 2].reserve("k1", "paid", allowances(plan, "paid", NOW), NOW)
        except QuotaExceeded:
            return False
        return True

    with ThreadPoolExecutor(32) as threads:
        assert sum(threads.map(admitted, range(200))) == 50


def test_the_file_is_for_its_owners_eyes(quotas: Quotas, tmp_path: Path) -> None:
    reserved(quotas)
    assert (tmp_path / "access.sqlite").stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "access.sqlite").write_bytes(b"no database at all, " * 100)
    with pytest.raises(KeysFailed):
        reserved(Quotas(tmp_path / "access.sqlite"))
