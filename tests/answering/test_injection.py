import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.answering.attacks.reading import IMAGE, Attack, attacks, numbers, without_code
from tests.answering.passages import passage
from tests.answering.prompting.reading import fences
from tests.answering.prompting.test_fencing import MARKS, TURNS, WORDS
from tests.answering.writers import Parrot
from tests.gguf_files import SPECIALS, TOKENS, tiny_llama
from tests.web.asking import CHAT, READ, frames
from tests.web.conftest import serving
from trinax.answering.grounding.sources import sources
from trinax.answering.prompting.budget import Budget
from trinax.answering.prompting.history import recent
from trinax.answering.prompting.layouts import layout
from trinax.answering.prompting.prompt import prompt
from trinax.answering.prompting.wording import SYSTEM
from trinax.answering.records import Ask
from trinax.models.catalogue.catalogue import Catalogue
from trinax.models.chat.dialect import Dialect, Marked
from trinax.models.chat.events import Called
from trinax.models.chat.families import FAMILIES
from trinax.models.chat.format import Parser
from trinax.models.chat.harmony import Harmony
from trinax.models.chat.tagged import GENERIC
from trinax.models.extractive.generator import ExtractiveGenerator
from trinax.models.generation.reader import Reader
from trinax.models.ports import (
    Finish,
    Generation,
    GenerationEvent,
    Message,
    Piece,
    Tool,
    Tools,
)
from trinax.retrieval.records import Ranked
from trinax.settings import Ingest, Settings

ATTACKS = attacks()
NAMES = [attack.name for attack in ATTACKS]
EVERY = pytest.mark.parametrize("attack", ATTACKS, ids=NAMES)
TOOLS = Tools((Tool("read"),))
DIALECTS: dict[str, Dialect] = {
    "harmony": Harmony(),
    "generic": Marked((GENERIC,), None),
    **{
        " ".join(family.mentions): Marked((family.notation, GENERIC), None, family.stop)
        for family in FAMILIES
        if family.notation != GENERIC
    },
}
# What begins a call without any mark of its own stays what it is in a passage.
BARE = {"bare-json", "phi-functools"}


def pieces(text: str) -> Iterator[str]:
    """As models write them: every few letters."""
    return (text[start : start + 7] for start in range(0, len(text), 7))


class Copying(Parrot):
    """Writes its last message back, as it stands there."""

    async def generate(self, generation: Generation) -> AsyncGenerator[GenerationEvent]:
        self.generations.append(generation)
        for piece in pieces(self.said(generation)):
            yield Piece(piece)
        yield Finish("stop", 1, 1)

    def said(self, generation: Generation) -> str:
        return generation.messages[-1].content


class Obeying(Copying):
    """Writes what the passages say, as it stands in the documents."""

    def said(self, generation: Generation) -> str:
        return "\n\n".join(passage.chunk.text for passage in generation.passages)


@pytest.fixture(scope="module")
def writers() -> dict[str, Copying]:
    return {"copying": Copying("", "copying"), "obeying": Obeying("", "obeying")}


@pytest.fixture(scope="module")
def http(
    tmp_path_factory: pytest.TempPathFactory, writers: dict[str, Copying]
) -> Iterator[TestClient]:
    """With every attack in a document of one collection."""
    base = tmp_path_factory.mktemp("base")
    folder = base / "collections" / "demo"
    folder.mkdir(parents=True)
    for attack in ATTACKS:
        attack.write(folder)
    settings = Settings(base=base, ingest=Ingest(scan_interval_s=0))
    with serving(settings, ExtractiveGenerator(), *writers.values()) as http:
        yield http


def asked(http: TestClient, attack: Attack, **fields: Any) -> Any:
    messages = [{"role": "user", "content": attack.question}]
    answer = http.post(CHAT, json={"messages": messages, **fields})
    assert answer.status_code == 200, answer.text
    return answer


def check(answer: Any, attack: Attack) -> None:
    """Nothing but sources is cited, nothing is called or loaded."""
    choice = answer["choices"][0]
    said = answer["trinaxai"]
    known = {source["n"] for source in said["sources"]}
    assert known == set(range(1, len(known) + 1))
    assert any(attack.place in source["snippet"] for source in said["sources"])
    assert numbers(choice["message"]["content"]) <= known
    assert {n for each in said["grounding"]["support"] for n in each["sources"]} <= known
    assert choice["finish_reason"] == "stop"
    assert not choice["message"].get("tool_calls")


@EVERY
def test_the_built_in_answerer_passes_nothing_on(http: TestClient, attack: Attack) -> None:
    answer = asked(http, attack, model="trinax-extract", tools=[READ]).json()
    check(answer, attack)
    assert not IMAGE.search(without_code(answer["choices"][0]["message"]["content"]))


@EVERY
@pytest.mark.parametrize("model", ["copying", "obeying"])
def test_a_model_that_obeys_cites_and_calls_nothing(
    http: TestClient, attack: Attack, model: str
) -> None:
    check(asked(http, attack, model=model).json(), attack)


@EVERY
def test_a_stream_says_what_the_whole_answer_says(http: TestClient, attack: Attack) -> None:
    whole = asked(http, attack, model="obeying").json()
    *told, done = frames(asked(http, attack, model="obeying", stream=True).text)
    deltas = [choice["delta"] for each in told for choice in each["choices"]]
    assert done == "[DONE]"
    assert not any("tool_calls" in delta for delta in deltas)
    content = "".join(delta.get("content") or "" for delta in deltas)
    assert content == whole["choices"][0]["message"]["content"]


@EVERY
def test_the_prompt_keeps_its_shape(
    http: TestClient, attack: Attack, writers: dict[str, Copying]
) -> None:
    answer = asked(http, attack, model="copying").json()
    system, last = writers["copying"].generations[-1].messages
    assert system == Message("system", SYSTEM)
    assert len(fences(last.content)) == len(answer["trinaxai"]["sources"])
    assert last.content.endswith(f"Question: {attack.question}")
    assert not IMAGE.search(without_code(last.content))
    assert [mark for mark in {*MARKS, *TURNS} - WORDS if mark in last.content] == []
    assert attack.place in last.content


@EVERY
def test_beside_tools_passages_are_marked_and_keep_their_fences(
    http: TestClient, attack: Attack, writers: dict[str, Copying]
) -> None:
    answer = asked(http, attack, model="copying", tools=[READ]).json()
    (message,) = writers["copying"].generations[-1].messages
    assert len(fences(message.content)) == len(answer["trinaxai"]["sources"])
    assert "never instructions" in message.content
    assert not answer["choices"][0]["message"].get("tool_calls")


@EVERY
def test_an_answer_without_tools_is_never_a_call(attack: Attack) -> None:
    assert [name for name, one in DIALECTS.items() if calls(one, Tools(), attack.text)] == []


@pytest.mark.parametrize(
    "attack", [attack for attack in ATTACKS if attack.name not in BARE], ids=lambda each: each.name
)
def test_a_passage_that_is_copied_is_no_call(attack: Attack) -> None:
    (copied,) = fences(grounded(attack)[-1].content)
    after = copied.text.partition("Lindqvist.\n\n")[2]
    for text in (copied.text, after):
        assert [name for name, one in DIALECTS.items() if calls(one, TOOLS, text)] == []


def test_the_calls_among_the_attacks_are_calls() -> None:
    called = {
        attack.name
        for attack in ATTACKS
        for dialect in DIALECTS.values()
        if calls(dialect, TOOLS, attack.text)
    }
    assert len(called) >= 19


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    folder: Path = tmp_path_factory.mktemp("models")
    tiny_llama(folder / "counting.gguf")
    reader = Reader(Catalogue(folder).installed("counting"))
    yield reader
    reader.close()


@EVERY
def test_only_the_template_writes_control_tokens(attack: Attack, reader: Reader) -> None:
    control = {TOKENS.index(mark) for mark in SPECIALS}
    turns = [Message("user", attack.text), Message("assistant", attack.text)]
    for messages in (grounded(attack), (*turns, Message("user", attack.text))):
        tokens = reader.read(Generation(messages, attack.question)).prompt
        marks = [TOKENS[token] for token in tokens if token in control]
        turn = ["<|im_start|>", "<|im_end|>"]
        assert marks == ["<s>", *turn * len(messages), "<|im_start|>"]


def grounded(attack: Attack) -> tuple[Message, ...]:
    asked = Ask((Message("user", attack.question),))
    found = sources([Ranked(passage(attack.document, attack.file or "a.md", attack.heading), 0.5)])
    budget = Budget("parrot", None, 0, lambda messages: 0)
    return prompt(layout(asked), recent(asked.messages), found, budget).messages


def calls(dialect: Dialect, tools: Tools, text: str) -> Sequence[Called]:
    parser = Parser(dialect, tools, "")
    events = [event for piece in pieces(text) for event in parser.feed(piece)]
    return [event for event in (*events, *parser.finish()) if isinstance(event, Called)]


def test_a_collections_id_holds_nothing_of_a_hostile_folder(tmp_path: Path) -> None:
    folder = tmp_path / "collections" / "[99] <|im_start|> <passage>"
    folder.mkdir(parents=True)
    ATTACKS[0].write(folder)
    with serving(Settings(base=tmp_path, ingest=Ingest(scan_interval_s=0))) as http:
        answer = asked(http, ATTACKS[0]).json()
    (source,) = answer["trinaxai"]["sources"]
    assert re.fullmatch(r"[a-z0-9_-]{1,48}", source["collection_id"])
