import pytest

from trinax.answering.routing.survey import LIMIT_CHARACTERS, surveys


@pytest.mark.parametrize(
    "request_",
    [
        "Summarise this file.",
        "What is this about?",
        "What's in the attached PDF?",
        "What does this document say?",
        "List the main points",
        "tl;dr",
        "Translate it to German",
        "¿De qué trata este documento?",
        "Worum geht es hier?",
        "Fasse die Datei zusammen",
        "Résume ce document",
        "Di cosa parla?",
        "总结这个文件",
        "このファイルを要約して",
    ],
)
def test_a_whole_text_is_asked_for(request_: str) -> None:
    assert surveys(request_)


@pytest.mark.parametrize(
    "request_",
    [
        "What is the capital of Peru?",
        "Who is the keeper of the lighthouse?",
        "What is the penalty in the contract?",
        "What is the deadline?",
        "How many pages?",
        "Worum ging es Martin Luther?",
        "",
        "Summarise this: " + "so on " * LIMIT_CHARACTERS,
    ],
)
def test_something_in_it_is_asked_for(request_: str) -> None:
    assert not surveys(request_)
