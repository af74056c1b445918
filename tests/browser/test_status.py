import pytest

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.slow


def test_collections_and_models_are_told_of(visitor: Visitor) -> None:
    visitor.open("#status")
    assert "files" in visitor.see(".collection", "demo").text
    assert "0 of" in visitor.see("#status-models tr", "trinax-extract").text


def test_a_collection_is_paused_and_resumed(visitor: Visitor) -> None:
    visitor.open("#status")
    visitor.click("[title='Pause demo']")
    visitor.see(".collection .badge", "paused")
    visitor.click("[title='Resume demo']")
    visitor.see("[title='Pause demo']")
