import pytest

from trinax.evaluation.soak import Soak, passed, shown, soaked

pytestmark = pytest.mark.slow


def test_a_server_is_well_after_good_wrong_and_broken_off_requests() -> None:
    figures = soaked(Soak(requests=60, warm_up=20, settle_s=0))
    checks = {check["name"]: check["passed"] for check in figures["checks"]}
    # Idle threads end after longer than a test should take.
    checks.pop("threads are back", None)
    assert all(checks.values()), shown(figures)
    assert sum(sum(kind.values()) for kind in figures["outcomes"].values()) == 60


def test_one_failed_check_fails() -> None:
    good, bad = {"passed": True}, {"passed": False}
    assert passed({"checks": [good]})
    assert not passed({"checks": [good, bad]})
