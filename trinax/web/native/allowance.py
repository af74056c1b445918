"""What is left of the plan of the key that asks."""

from datetime import UTC, datetime
from math import ceil

from typing_extensions import TypedDict

from trinax.access.plans import Allowance, Good, allowances
from trinax.settings import Plan
from trinax.web.admission import Visit


class NativeAllowance(TypedDict):
    """per: what it is counted by. reset_s: seconds until there is all of it again."""

    per: str
    limit: int
    remaining: int
    reset_s: int


class NativePlan(TypedDict):
    """input_characters: the most text in one request. paid: requests to models that cost money, by
    UTC day and by ISO week. web_search: searches of the web."""

    name: str
    input_characters: int
    paid: list[NativeAllowance]
    web_search: list[NativeAllowance]


def left(here: Visit) -> NativePlan | None:
    """None where there is no plan, and so no quota. Blocks."""
    if here.plan is None:
        return None
    return {
        "name": here.caller.plan,
        "input_characters": here.plan.input_characters,
        "paid": _left(here, here.plan, "paid"),
        "web_search": _left(here, here.plan, "web_search"),
    }


def _left(here: Visit, plan: Plan, good: Good) -> list[NativeAllowance]:
    now, used = datetime.now(UTC), here.used(good)
    return [_shown(each, used.get(each.period, 0), now) for each in allowances(plan, good, now)]


def _shown(allowance: Allowance, used: int, now: datetime) -> NativeAllowance:
    return {
        "per": allowance.per,
        "limit": allowance.limit,
        "remaining": max(0, allowance.limit - used),
        "reset_s": ceil((allowance.ends - now).total_seconds()),
    }
