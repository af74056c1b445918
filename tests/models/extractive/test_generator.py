import re
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from tests.models.asking import Answer, gathered
from tests.models.passages import passage
from trinax.documents import tokens
from trinax.embedding.static import StaticEmbedder
from trinax.errors import NoGenerativeModel, UnsupportedParameter
from trinax.index.records import Passage
from trinax.models.extractive.generator import ExtractiveGenerator
from trinax.models.extractive.phrases import BY_LANGUAGE
from trinax.models.ports import (
    Generation,
    Infilling,
    JsonFormat,
    Message,
    Sampling,
    Tool,
    Tools,
    Turn,
)

OIL = passage("The 1973 oil crisis began in October 1973. Cars got smaller afterwards.")
SEA = passage("The sea is deep. Whales live there.")
READ = Tool("read")
QUESTION = "When did the oil crisis begin?"


def about(question: str, *passages: Passage, confidence: float | None = 0.9) -> Generation:
    messages = (Message("user", question),)
    return Generation(messages, question, passages, confidence)


async def answered(generation: Generation) -> Answer:
    return await gathered(ExtractiveGenerator().generate(generation))


async def test_the_best_sentence_is_quoted_and_cited() -> None:
    answer = await answered(about(QUESTION, SEA, OIL))
    assert answer.text == (
        "From your documents (quoted, no language model):\n\n"
        "“The 1973 oil crisis began in October 1973.” [2]"
    )
    assert answer.finish.reason == "stop"


async def test_the_answer_comes_in_pieces() -> None:
    assert len((await answered(about(QUESTION, OIL))).pieces) >= 2


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "When did the crisis begin, and why?"),
        ("es", "¿Cuándo empezó la crisis del petróleo y por qué?"),
        ("fr", "Quand est-ce que la crise du pétrole a commencé ?"),
        ("de", "Wann hat die Krise mit dem Öl begonnen und warum?"),
        ("pt", "Quando é que a crise do petróleo começou e por que não acabou?"),
        ("it", "Quando è iniziata la crisi del petrolio e perché?"),
        ("zh", "石油危机什么时候开始？"),
        ("nl", "Wanneer is de crisis met de olie begonnen en waarom?"),
        ("ru", "Когда и почему начался нефтяной кризис?"),
        ("ja", "オイルショックはいつ始まりましたか？"),
    ],
)
async def test_it_speaks_the_language_of_the_question(language: str, question: str) -> None:
    assert (await answered(about(question, OIL))).text.startswith(BY_LANGUAGE[language].opening)


async def test_without_passages_it_says_that_nothing_answers() -> None:
    answer = await answered(about(QUESTION))
    assert answer.text == BY_LANGUAGE["en"].nothing


async def test_without_retrieval_it_says_what_it_is() -> None:
    answer = await answered(about("Write me a poem.", confidence=None))
    assert "trinax-extract" in answer.text
    assert not re.search(r"\[\d", answer.text)


async def test_passages_without_anything_to_quote_answer_nothing() -> None:
    assert (await answered(about(QUESTION, passage("---")))).text == BY_LANGUAGE["en"].nothing


async def test_no_passage_can_forge_a_citation() -> None:
    forged = passage("The oil crisis began in October 1973 [7], see [1].")
    answer = await answered(about(QUESTION, SEA, forged))
    assert re.findall(r"\[(\d+)\]", answer.text) == ["2"]


async def test_an_answer_said_twice_is_quoted_once() -> None:
    answer = await answered(about(QUESTION, OIL, OIL))
    assert answer.text.count("began in October") == 1


async def test_what_an_introduction_introduces_comes_along() -> None:
    guide = passage("To start the server, run this:\n\n```\nmake run\n```\n", "markdown")
    answer = await answered(about("How do I start the server?", guide))
    assert "```\nmake run\n```\n[1]" in answer.text


async def test_the_steps_of_a_list_come_along() -> None:
    guide = passage("To start the server:\n\n1. open a shell\n2. type make\n", "markdown")
    answer = await answered(about("How do I start the server?", guide))
    assert answer.text.endswith("“To start the server:” [1]\n\n- open a shell [1]\n- type make [1]")


async def test_few_definitions_are_shown() -> None:
    code = [passage(f"def read_{i}(file):\n    return file", "python") for i in range(6)]
    assert (await answered(about("Which function reads a file?", *code))).text.count("```") <= 4


async def test_max_tokens_cuts_the_answer() -> None:
    whole = (await answered(about(QUESTION, OIL))).text
    generation = replace(about(QUESTION, OIL), sampling=Sampling(max_tokens=8))
    answer = await answered(generation)
    assert whole.startswith(answer.text)
    assert tokens.count(answer.text) <= 8
    assert (answer.finish.reason, answer.finish.completion_tokens) == (
        "length",
        tokens.count(answer.text),
    )


async def test_a_stop_string_cuts_the_answer() -> None:
    generation = replace(about(QUESTION, OIL), sampling=Sampling(stop=("October",)))
    answer = await answered(generation)
    assert answer.text.endswith("began in ")
    assert answer.finish.reason == "stop"


async def test_every_choice_is_the_same() -> None:
    answer = await answered(replace(about(QUESTION, OIL), sampling=Sampling(n=2)))
    assert answer.texts[0] == answer.texts[1]
    assert list(answer.finishes) == [0, 1]


def test_what_has_no_effect_is_named() -> None:
    def ignored(**asked: Any) -> tuple[str, ...]:
        return ExtractiveGenerator().ignored(replace(about(QUESTION), **asked))

    sampling = Sampling(max_tokens=5, temperature=0.0, seed=1, logit_bias={1: 1.0}, stop=("x",))
    assert ignored(sampling=sampling) == ("temperature", "logit_bias", "seed")
    assert ignored(sampling=Sampling(n=3)) == ()
    assert ignored(tools=Tools((READ,))) == ("tools",)
    assert ignored(tools=Tools((READ,), "none")) == ()
    assert ignored(reasoning="low", turn=Turn(limit_s=5)) == ("reasoning_effort", "timeout")


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"format": JsonFormat()}, "response_format"),
        ({"tools": Tools((READ,), "required")}, "tool_choice"),
        ({"tools": Tools((READ,), "named", "read")}, "tool_choice"),
        ({"sampling": Sampling(logprobs=0)}, "logprobs"),
    ],
)
async def test_what_a_quote_cannot_be_is_refused(asked: dict[str, Any], param: str) -> None:
    with pytest.raises(UnsupportedParameter) as refused:
        await answered(replace(about(QUESTION, OIL), **asked))
    assert refused.value.param == param


async def test_it_does_not_continue_a_text() -> None:
    with pytest.raises(NoGenerativeModel):
        await answered(replace(about(QUESTION, OIL), infilling=Infilling("def f(")))


async def test_what_runs_is_counted() -> None:
    generator = ExtractiveGenerator()
    async with aclosing(generator.generate(about(QUESTION, OIL))) as events:
        await anext(events)
        assert generator.load().running == 1
    assert generator.load().running == 0


async def test_an_embedder_may_help() -> None:
    generator = ExtractiveGenerator(StaticEmbedder())
    answer = await gathered(generator.generate(about(QUESTION, SEA, OIL)))
    assert "began in October 1973" in answer.text


async def test_an_embedder_that_the_weights_were_not_fitted_with_has_no_say() -> None:
    class Other(StaticEmbedder):
        @property
        def id(self) -> str:
            return "other"

    generation = about(QUESTION, SEA, OIL)
    with_other = await gathered(ExtractiveGenerator(Other()).generate(generation))
    assert with_other.text == (await answered(generation)).text


async def test_what_the_quoted_passages_do_not_mention_is_said_last() -> None:
    answer = await answered(about("Did Harold Wilson begin the oil crisis?", OIL))
    assert answer.text.endswith("\n\nThe quoted passages do not mention: Harold Wilson")


async def test_a_question_cannot_forge_a_citation() -> None:
    answer = await answered(about("Did [4] or Zorblax[5] begin the oil crisis?", OIL))
    assert set(re.findall(r"\[(\d+)\]", answer.text)) == {"1"}


async def test_each_part_of_a_question_gets_its_own_quotes() -> None:
    aspects = ("When did the oil crisis begin?", "Where do whales live?", "Who built Rome?")
    answer = await answered(replace(about("Tell me all", OIL, SEA), aspects=aspects))
    assert answer.text == (
        "From your documents (quoted, no language model):\n\n"
        "When did the oil crisis begin:\n\n"
        "“The 1973 oil crisis began in October 1973.” [1]\n\n"
        "Where do whales live:\n\n"
        "“Whales live there.” [2]\n\n"
        "Not found in your documents: Who built Rome"
    )


async def test_a_part_of_which_only_one_word_is_found_is_not_answered() -> None:
    aspects = ("Who discovered penicillin in October?", "When did the oil crisis begin?")
    answer = await answered(replace(about("Tell me all", OIL), aspects=aspects))
    assert answer.text.endswith("Not found in your documents: Who discovered penicillin in October")


async def test_parts_of_which_none_is_answered_are_nothing() -> None:
    generation = replace(about("Tell me all", SEA), aspects=("Who built Rome?",))
    assert (await answered(generation)).text == BY_LANGUAGE["en"].nothing


@pytest.mark.parametrize(
    "question", [QUESTION, "How do I start?", "What is it?", "", "[1] “x” ```"]
)
async def test_every_quote_stands_in_its_passage(question: str) -> None:
    guide = "To start the server:\n\n1. open a  shell\n2. type make\n\nIt is\nfast. Really fast!"
    texts = (OIL.chunk.text, guide, SEA.chunk.text)
    answer = await answered(about(question, *(passage(text, "markdown") for text in texts)))
    quotes = re.findall(r"(?:“(.+?)”|- (.+?)) \[(\d)\]", answer.text)
    assert quotes
    for quoted, item, n in quotes:
        assert (quoted or item) in " ".join(texts[int(n) - 1].split())
