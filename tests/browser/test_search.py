import pytest
from selenium.webdriver import Keys

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.slow


def test_a_search_shows_passages_and_why(visitor: Visitor) -> None:
    visitor.open("#search")
    visitor.type("#query", "paraffin lamp", Keys.ENTER)
    assert "forty litres" in visitor.see(".hit").text
    assert {"paraffin", "lamp"} <= {each.text for each in visitor.all(".hit mark")}
    assert [each.text for each in visitor.all(".hit")[0].find_elements("css selector", "dt")][
        :3
    ] == ["Words", "Meaning", "Together"]
    visitor.click(".hit .link", "guide.md")
    assert "forty litres" in visitor.see("#panel .cited", "forty").text


def test_files_can_be_named(visitor: Visitor) -> None:
    visitor.open("#search")
    visitor.type("#search-files", "*.py")
    visitor.type("#query", "seconds", Keys.ENTER)
    visitor.see(".hit")
    assert {each.text for each in visitor.all(".hit .link")} == {"timer.py"}


def test_what_cannot_be_searched_is_said(visitor: Visitor) -> None:
    visitor.open("#search")
    visitor.run("document.getElementById('query').value = 'word '.repeat(5000)")
    visitor.type("#query", Keys.ENTER)
    assert "query" in visitor.see("#search-results [role=alert]").text
