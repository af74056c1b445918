import pytest

from tests.browser.visitor import PHONE, Visitor

pytestmark = pytest.mark.slow

PLACES = ("", "#search", "#research", "#sources/demo", "#sources/demo/timer.py", "#status")
# WCAG 2.2, target size: 24 pixels either way.
TOUCHED_PX = 24


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place or "#chat")
def test_nothing_is_wider_than_a_phone(visitor: Visitor, place: str) -> None:
    visitor.resize(PHONE)
    visitor.open(place)
    visitor.see("section.view h1")
    assert visitor.run("return document.documentElement.scrollWidth") == PHONE[0]


def test_a_citation_covers_the_page_and_can_be_left(visitor: Visitor) -> None:
    visitor.resize(PHONE)
    visitor.open()
    visitor.ask("Who is the keeper of the lighthouse?")
    visitor.click("button.cite")
    panel = visitor.see("#panel")
    visitor.see("#panel mark")
    assert panel.rect["width"] == PHONE[0]
    assert visitor.run("return document.getElementById('main').inert") is True
    visitor.click("#panel header button")
    visitor.gone("#panel")
    assert visitor.run("return document.getElementById('main').inert") is False


def test_what_is_touched_is_large_enough(visitor: Visitor) -> None:
    visitor.resize(PHONE)
    visitor.open()
    visitor.ask("Who is the keeper of the lighthouse?")
    buttons = [
        each
        for each in visitor.all("button, nav a, select")
        if "cite" not in str(each.get_attribute("class"))
    ]
    sizes = [min(each.size["width"], each.size["height"]) for each in buttons]
    assert min(sizes) >= TOUCHED_PX
