"""What the plan of an API key gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from trinax.errors import Forbidden
from trinax.settings import Plan

Good = Literal["paid", "web_search"]
Span = Literal["day", "week"]
WORDS = {"paid": "requests to paid models", "web_search": "web searches"}


@dataclass(frozen=True, slots=True)
class Allowance:
    """So much of a good until a moment. period: a UTC day as 2026-11-28, or an ISO week as
    2026-W48."""

    good: Good
    per: Span
    period: str
    ends: datetime
    limit: int

    @property
    def what(self) -> str:
        """For messages."""
        return f"{WORDS[self.good]} a {self.per}"


def plan_of(name: str, plans: Mapping[str, Plan]) -> Plan | None:
    """None for no plan, which limits nothing. Raises Forbidden for one that is not there."""
    if not name:
        return None
    if name not in plans:
        known = ", ".join(map(repr, sorted(plans)))
        raise Forbidden(
            f"This API key has the plan {name!r}, which this server does not know; it knows "
            f"{known}. Add it to plans.toml, or create a key with another plan."
        )
    return plans[name]


def allowances(plan: Plan, good: Good, now: datetime) -> tuple[Allowance, ...]:
    """All of them apply. now: in UTC."""
    day, tomorrow = f"{now:%Y-%m-%d}", _midnight(now, 1)
    if good == "web_search":
        return (Allowance(good, "day", day, tomorrow, plan.web_searches_per_day),)
    week, monday = f"{now:%G-W%V}", _midnight(now, 8 - now.isoweekday())
    return (
        Allowance(good, "day", day, tomorrow, plan.paid_per_day),
        Allowance(good, "week", week, monday, plan.paid_per_week),
    )


def _midnight(now: datetime, days: int) -> datetime:
    return datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=days)
