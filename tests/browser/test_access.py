import pytest
from selenium.webdriver import Keys

from tests.browser.server import ADMIN_TOKEN
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.slow

QUESTION = "Who is the keeper of the lighthouse?"


def test_a_neighbour_may_ask_but_not_browse_without_the_token(neighbour: Visitor) -> None:
    neighbour.open("#sources")
    neighbour.see("#sources-out [role=alert]", "scope 'browse'")
    neighbour.click("[role=alert] button", "Enter a key or token")
    neighbour.type("#access-token", ADMIN_TOKEN, Keys.ENTER)
    neighbour.see("#access-outcome .good", "read files and collections")
    neighbour.click("#access-close")
    neighbour.click(".shelf", "demo")
    neighbour.see(".file-name a", "guide.md")


def test_a_citation_shows_its_passage_to_who_may_not_browse(neighbour: Visitor) -> None:
    neighbour.open()
    assert "Marta Lindqvist" in neighbour.ask(QUESTION).text
    neighbour.click("button.cite")
    assert "Marta Lindqvist" in neighbour.see("#panel .snippet").text
    assert "scope 'browse'" in neighbour.see("#panel [role=alert]").text


def test_who_may_not_see_collections_asks_all_of_them(neighbour: Visitor) -> None:
    neighbour.open("#search")
    neighbour.click("#search-scope summary")
    assert [each.text for each in neighbour.all("#search-scope .check")] == ["All collections"]


def test_who_may_not_browse_still_sees_the_models(neighbour: Visitor) -> None:
    neighbour.open("#status")
    neighbour.see("#status-collections [role=alert]", "scope 'browse'")
    neighbour.see("#status-models tr", "trinax-extract")


def test_a_wrong_token_is_told_of(stranger: Visitor) -> None:
    stranger.open("#sources")
    stranger.see("#sources-out [role=alert]", "scope 'browse'")
    stranger.click("#open-access")
    stranger.type("#access-token", "a guess", Keys.ENTER)
    stranger.see("#access-outcome .bad", "X-Admin-Token is wrong")


def test_a_token_is_kept_for_the_tab_unless_it_is_to_be_remembered(stranger: Visitor) -> None:
    stranger.open()
    stranger.click("#open-access")
    stranger.type("#access-token", ADMIN_TOKEN, Keys.ENTER)
    stranger.see("#access-outcome .good")
    kept = "return [sessionStorage, localStorage].map((kept) => kept.getItem('trinax.token'))"
    assert stranger.run(kept) == [ADMIN_TOKEN, None]
    stranger.click("#access-remember")
    stranger.click("#access-save")
    stranger.until(lambda: stranger.run(kept) == [None, ADMIN_TOKEN])
    stranger.click("#access-forget")
    assert stranger.run(kept) == [None, None]


def test_an_answer_needs_the_token_where_keys_are_required(stranger: Visitor) -> None:
    stranger.open()
    assert "scope 'chat'" in stranger.ask(QUESTION).text
