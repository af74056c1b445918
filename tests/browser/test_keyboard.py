import pytest
from selenium.webdriver import Keys

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.slow


def test_everything_on_the_way_to_a_citation_can_be_reached_by_keys(visitor: Visitor) -> None:
    visitor.open()
    visitor.ask("Who is the keeper of the lighthouse?")
    for _ in range(40):
        visitor.press(Keys.SHIFT + Keys.TAB)
        if visitor.focused.get_attribute("class") == "cite":
            break
    visitor.press(Keys.ENTER)
    visitor.see("#panel mark")
    assert visitor.focused.get_attribute("id") == "panel-title"


def test_a_slash_leads_to_the_field(visitor: Visitor) -> None:
    visitor.open("#search")
    visitor.run("document.activeElement.blur()")
    visitor.press("/")
    assert visitor.focused.get_attribute("id") == "query"
    visitor.press("/")
    assert visitor.focused.get_property("value") == "/"


def test_the_first_key_offers_to_skip_the_places(visitor: Visitor) -> None:
    visitor.open("#status")
    visitor.run("document.querySelector('a[href], button, input, select, [tabindex]').focus()")
    assert visitor.focused.text == "Skip to content"
    visitor.press(Keys.ENTER)
    assert visitor.focused.get_attribute("id") == "main"


def test_another_place_has_the_focus(visitor: Visitor) -> None:
    visitor.open()
    visitor.click("[data-view=sources]")
    visitor.see(".shelf")
    assert visitor.focused.get_attribute("id") == "sources-title"


def test_the_theme_is_kept(visitor: Visitor) -> None:
    visitor.open()
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = visitor.run(ground)
    visitor.click("#theme")
    visitor.click("#theme")
    assert str(visitor.see("#theme").get_attribute("aria-label")).startswith("Theme: dark")
    visitor.open()
    assert visitor.run(ground) != light
