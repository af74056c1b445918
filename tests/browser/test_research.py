from pathlib import Path

import pytest

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.slow

QUERY = "How are the lamp and the keeper of the lighthouse described?"


def test_research_plans_searches_and_reports_with_footnotes(visitor: Visitor) -> None:
    _research(visitor)
    assert "Marta Lindqvist" in visitor.see(".report .prose").text
    visitor.click(".progress summary")
    assert QUERY in visitor.see(".plan li.done").text
    assert "passage" in visitor.see(".plan li.done .found").text
    visitor.click(".footnotes .source")
    visitor.see("#panel .cited")
    visitor.shoot("desktop-research")


def test_a_report_is_saved_as_markdown(visitor: Visitor, tmp_path: Path) -> None:
    where = {"behavior": "allow", "downloadPath": str(tmp_path)}
    visitor.driver.execute_cdp_cmd("Browser.setDownloadBehavior", where)
    _research(visitor)
    visitor.click(".turn-actions button", "Export to Markdown")
    file = visitor.until(lambda: next(iter(tmp_path.glob("*.md")), None))
    assert file is not None
    text = file.read_text("utf-8")
    assert text.startswith(f"# {QUERY}\n")
    assert "[^1]" in text
    assert "\n[^1]: demo/guide.md:" in text


def _research(visitor: Visitor) -> None:
    visitor.open("#research")
    visitor.type("#topic", QUERY)
    visitor.click("#research-start")
    visitor.see(".footnotes .source")
