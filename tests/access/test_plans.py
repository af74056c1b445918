from datetime import UTC, datetime

import pytest

from trinax.access.plans import allowances, plan_of
from trinax.errors import Forbidden
from trinax.settings import Plan, Settings

PLANS = Settings().plans
PAID = Plan("all", 100, paid_per_day=3, paid_per_week=9, web_searches_per_day=2)


def test_who_has_no_plan_has_no_limits() -> None:
    assert plan_of("", PLANS) is None


def test_the_plan_of_a_key_is_found_by_name() -> None:
    pro = plan_of("pro", PLANS)
    assert pro is not None
    assert pro.web_searches_per_day == 10


def test_a_plan_that_is_not_there_is_named() -> None:
    with pytest.raises(Forbidden, match=r"'gold'.*'enterprise', 'free', 'pro'.*plans\.toml"):
        plan_of("gold", PLANS)


@pytest.mark.parametrize(
    ("now", "day_ends", "week", "week_ends"),
    [
        ((2026, 11, 28, 23, 59), (2026, 11, 29), "2026-W48", (2026, 11, 30)),
        ((2026, 11, 30, 0, 0), (2026, 12, 1), "2026-W49", (2026, 12, 7)),
        ((2027, 1, 1, 12, 0), (2027, 1, 2), "2026-W53", (2027, 1, 4)),
    ],
)
def test_periods_are_days_and_iso_weeks_of_utc(
    now: tuple[int, ...], day_ends: tuple[int, ...], week: str, week_ends: tuple[int, ...]
) -> None:
    year, month, date, hour, minute = now
    daily, weekly = allowances(PAID, "paid", datetime(year, month, date, hour, minute, tzinfo=UTC))
    assert (daily.period, daily.limit) == (f"{year}-{month:02}-{date:02}", 3)
    assert (weekly.period, weekly.limit) == (week, 9)
    assert (daily.ends.year, daily.ends.month, daily.ends.day) == day_ends
    assert (weekly.ends.year, weekly.ends.month, weekly.ends.day) == week_ends
