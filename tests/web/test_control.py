import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from trinax.errors import BadSetting
from trinax.settings import Access, Models, Plan, Settings
from trinax.web.admission import Admission
from trinax.web.control import Control


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    caplog.set_level(logging.INFO, "trinax.web.control")
    return lambda: caplog.text


def test_plans_are_taken_from_the_files(settings: Settings, said: Callable[[], str]) -> None:
    admission = Admission(settings)
    control = Control(settings, admission)
    control.reload(lambda: replace(settings, plans={"trial": Plan(input_characters=9)}))
    assert admission.plans["trial"].input_characters == 9
    assert "Read again: the admin token and the plans trial." in said()
    assert control.reloads == {"done": 1}


def test_the_admin_token_is_taken_from_its_file(settings: Settings) -> None:
    (settings.base / "token").write_text("first\n")
    settings = replace(settings, access=Access(admin_token_file="token"))
    control = Control(settings, Admission(settings))
    (settings.base / "token").write_text("second\n")
    control.reload(lambda: settings)
    assert control.access().admin_token == "second"


def test_what_cannot_be_read_changes_nothing(settings: Settings, said: Callable[[], str]) -> None:
    def broken() -> Settings:
        raise BadSetting("plans.toml", "the configuration", "valid TOML")

    admission = Admission(settings)
    before = admission.plans
    control = Control(settings, admission)
    control.reload(broken)
    assert admission.plans is before
    assert "what held before still does: " in said()
    assert "plans.toml" in said()
    assert control.reloads == {"failed": 1}


def test_a_token_that_is_gone_changes_nothing(settings: Settings) -> None:
    (settings.base / "token").write_text("first")
    settings = replace(settings, access=Access(admin_token_file="token"))
    admission = Admission(settings)
    control = Control(settings, admission)
    (settings.base / "token").unlink()
    control.reload(lambda: replace(settings, plans={}))
    assert control.access().admin_token == "first"
    assert admission.plans == settings.plans


def test_what_holds_after_a_restart_only_is_said(
    settings: Settings, said: Callable[[], str]
) -> None:
    control = Control(settings, Admission(settings))
    control.reload(lambda: replace(settings, models=Models(slots=3)))
    assert "they hold after a restart" in said()
