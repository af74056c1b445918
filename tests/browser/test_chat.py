from pathlib import Path

import pytest
from selenium.webdriver import Chrome, Keys

from tests.browser.conftest import house
from tests.browser.server import ADMIN_TOKEN, ENDLESS, HOSTILE
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.slow

QUESTION = "Who is the keeper of the lighthouse?"
KEEPER = "The keeper of the lighthouse is called Marta Lindqvist."


def test_an_answer_cites_and_a_citation_opens_its_lines(visitor: Visitor) -> None:
    visitor.open()
    turn = visitor.ask(QUESTION)
    assert KEEPER in turn.text
    visitor.click("button.cite")
    assert visitor.see("#panel mark").text == KEEPER
    assert visitor.see("#panel .freshness").text == "Unchanged since it was indexed"
    cited = [each.text for each in visitor.all("#panel .cited")]
    assert any("## Keeper" in each for each in cited)


def test_a_citation_stands_among_its_neighbours(visitor: Visitor) -> None:
    visitor.open()
    visitor.ask("Who rings the fog bell of the bay when the float sticks?")
    visitor.click("button.cite")
    assert "rung by hand" in visitor.see("#panel .cited", "rung by hand").text
    before = visitor.see("#panel li:not(.cited)", "growing on the western side")
    assert before.text.startswith("8")
    visitor.click("#panel button", "Lines below")
    visitor.see("#panel li:not(.cited)", "only the keel is left")


def test_escape_closes_a_citation_and_gives_the_focus_back(visitor: Visitor) -> None:
    visitor.open()
    visitor.ask(QUESTION)
    visitor.click("button.cite")
    visitor.see("#panel mark")
    visitor.press(Keys.ESCAPE)
    visitor.gone("#panel")
    assert visitor.focused.get_attribute("class") == "cite"


def test_an_answer_says_which_model_and_why(visitor: Visitor) -> None:
    visitor.open()
    visitor.ask(QUESTION)
    visitor.click(".how summary")
    told = visitor.see(".how").text
    assert "trinax-extract" in told
    assert "it is short" in told
    assert visitor.see(".turn-actions .badge").text == "Answered from your documents"


def test_a_stream_stops_here_and_on_the_server(audience: Visitor) -> None:
    audience.open()
    _go_on(audience)
    assert _running(audience) == 1
    audience.click("#stop")
    assert "on and on" in audience.see(".turn", "Stopped.").text
    audience.until(lambda: _running(audience) == 0)
    assert audience.see("#send")


def _go_on(visitor: Visitor) -> None:
    """Asks what has no end, and waits for its beginning."""
    visitor.choose("#chat-model", ENDLESS)
    visitor.click("#chat-scope summary")
    visitor.click("#chat-scope .check", "No documents")
    visitor.type("#question", "Go on", Keys.ENTER)
    visitor.see(".prose.writing", "on and on")


def _running(visitor: Visitor) -> int:
    script = """
        const headers = { "x-admin-token": arguments[0] };
        return fetch("api/v1/queue-status", { headers }).then((answer) => answer.json());
    """
    loads = visitor.run(script, ADMIN_TOKEN)["models"]
    (load,) = (each for each in loads if each["model"] == ENDLESS)
    running: int = load["running"]
    return running


def test_an_edited_question_takes_the_place_of_what_followed(visitor: Visitor) -> None:
    visitor.open()
    visitor.ask("When is the lamp lit?")
    visitor.ask(QUESTION)
    visitor.run("document.querySelector('.asked > button').click()")
    visitor.type(".editing textarea", Keys.CONTROL, "a")
    visitor.type(".editing textarea", Keys.NULL, "How many litres of paraffin?", Keys.ENTER)
    visitor.see(".turn-actions")
    (turn,) = visitor.all(".turn")
    assert "forty litres" in turn.text


def test_a_question_is_asked_again(visitor: Visitor) -> None:
    visitor.open()
    visitor.ask(QUESTION)
    visitor.click(".turn-actions > button:last-child")
    visitor.see(".turn-actions")
    (turn,) = visitor.all(".turn")
    assert KEEPER in turn.text


def test_a_conversation_outlasts_reloading(visitor: Visitor) -> None:
    visitor.open()
    visitor.ask(QUESTION)
    visitor.driver.refresh()
    assert KEEPER in visitor.see(".turn .prose").text
    visitor.click("button.cite")
    assert visitor.see("#panel mark").text == KEEPER
    visitor.press(Keys.ESCAPE)
    visitor.click("#chat-new")
    visitor.gone(".turn")


def test_no_collection_means_no_documents(visitor: Visitor) -> None:
    visitor.open()
    visitor.click("#chat-scope summary")
    visitor.click("#chat-scope .check", "No documents")
    turn = visitor.ask(QUESTION)
    assert KEEPER not in turn.text
    assert visitor.see(".turn-actions .badge").text == "Without documents"


def test_an_answer_is_never_taken_for_markup(audience: Visitor) -> None:
    audience.open()
    audience.choose("#chat-model", HOSTILE)
    turn = audience.ask(QUESTION)
    assert "<img src=" in turn.text
    assert audience.driver.title == "Chat – trinax"
    assert audience.run("return document.querySelectorAll('.prose :is(img, script)').length") == 0
    links = [each.get_attribute("href") for each in audience.all(".prose a")]
    assert links == ["https://example.com/a_(b)"]
    assert audience.see(".prose li li em").text == "nested"
    assert audience.see(".prose td code").text == "<b>"
    assert audience.see(".prose pre").text == '<script>alert("code")</script>'


def test_the_page_cannot_make_markup_of_text(visitor: Visitor) -> None:
    visitor.open()
    script = "try { document.body.innerHTML = '<p>x</p>' } catch (failure) { return failure.name }"
    assert visitor.run(script) == "TypeError"
    assert all("TrustedHTML" in each for each in visitor.complaints())


def test_a_file_goes_along_with_a_question(visitor: Visitor) -> None:
    visitor.open()
    script = """
        const given = new DataTransfer();
        given.items.add(new File(["The tide gauge reads nine metres.\\n"], "tide.md"));
        const input = document.getElementById("attach");
        input.files = given.files;
        input.dispatchEvent(new Event("change"));
    """
    visitor.run(script)
    assert "tide.md" in visitor.see("#attached .chip").text
    turn = visitor.ask("What does the tide gauge read?")
    assert "nine metres" in turn.text
    visitor.click("button.cite")
    assert "nine metres" in visitor.see("#panel .snippet").text
    visitor.press(Keys.ESCAPE)
    assert "nine metres" in visitor.ask("And how many metres does the gauge read?").text


def test_a_server_that_goes_away_is_told_of_and_what_came_is_kept(
    driver: Chrome, tmp_path: Path
) -> None:
    with house(tmp_path, "guarded") as url:
        visitor = Visitor(driver, url)
        visitor.open()
        visitor.run("sessionStorage.setItem('trinax.token', arguments[0])", ADMIN_TOKEN)
        visitor.open()
        _go_on(visitor)
    assert "on and on" in visitor.see(".turn:has([role=alert])").text
    visitor.type("#question", "And then?", Keys.ENTER)
    visitor.see(".turn", "The server does not answer")
