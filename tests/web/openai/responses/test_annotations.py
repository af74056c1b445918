from dataclasses import replace

from tests.answering.passages import passage
from trinax.answering.records import Source
from trinax.web.openai.responses.annotations import annotations

GUIDE = Source(1, passage("The keeper is Marta."), 0.9)
WEB = replace(passage("She is the keeper."), file="Lighthouses", url="https://example.org/keepers")
PAGE = Source(2, WEB, 0.5)


def test_a_file_is_cited_where_its_number_stands() -> None:
    assert annotations("Marta [1].", [GUIDE]) == [
        {
            "type": "file_citation",
            "file_id": "demo/guide.md",
            "filename": "guide.md",
            "index": 6,
        }
    ]


def test_a_page_is_cited_with_its_address() -> None:
    text = "Marta [2]."
    (citation,) = annotations(text, [GUIDE, PAGE])
    assert citation == {
        "type": "url_citation",
        "url": "https://example.org/keepers",
        "title": "Lighthouses",
        "start_index": 6,
        "end_index": 9,
    }
    assert text[6:9] == "[2]"


def test_each_number_of_a_bracket_is_told() -> None:
    told = annotations("Marta [1, 2] repairs it [1].", [GUIDE, PAGE])
    kinds = [each["type"] for each in told]
    assert kinds == ["file_citation", "url_citation", "file_citation"]


def test_places_count_characters() -> None:
    (citation,) = annotations("Zoë 🗼 [1]", [GUIDE])
    assert citation["type"] == "file_citation"
    assert citation["index"] == 6


def test_what_is_no_citation_is_not_told() -> None:
    assert annotations("`names[1]` and [7]", [GUIDE]) == []
    assert annotations("Marta [1].", []) == []
