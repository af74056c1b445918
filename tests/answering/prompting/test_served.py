from dataclasses import replace
from pathlib import Path

import pytest

from tests.answering.writers import Parrot
from tests.web.asking import CHAT, KEEPER, body
from tests.web.conftest import folders, serving
from trinax.answering.prompting.wording import SYSTEM
from trinax.settings import Settings

LONG = [
    {"role": "user", "content": "why " * 2000},
    {"role": "assistant", "content": "because [1] " * 2000},
]
LAST = {"role": "user", "content": KEEPER}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return folders(tmp_path)


def test_what_had_no_room_is_reported(settings: Settings) -> None:
    small = Parrot("Marta [1].", "small", context_tokens=1024)
    with serving(settings, small) as http:
        short = http.post(CHAT, json=body()).json()
        long = http.post(CHAT, json=body(messages=[*LONG * 6, LAST])).json()
    nothing = {"passages": 0, "turns": 0, "condensed": 0}
    assert nothing.items() <= short["trinaxai"]["left_out"].items()
    # Of twelve messages the last four turns are seen, in part.
    assert {"passages": 0, "turns": 4, "condensed": 8}.items() <= long["trinaxai"][
        "left_out"
    ].items()
    assert small.prompt_tokens(small.generations[-1].messages) <= 1024


def test_an_overlong_question_is_the_clients_mistake(settings: Settings) -> None:
    with serving(settings, Parrot("yes", "small", context_tokens=1024)) as http:
        refused = http.post(CHAT, json=body(KEEPER + " lamp" * 20_000))
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "context_length_exceeded"


def test_instructions_come_from_the_configuration(settings: Settings) -> None:
    parrot = Parrot("Marta [1].")
    heeding = replace(settings, instructions={"demo": "Be brief.", "other": "Be long."})
    with serving(heeding, parrot) as http:
        http.post(CHAT, json=body(collections=["demo"]))
        http.post(CHAT, json=body(collections=[]))
    grounded, plain = (generation.messages for generation in parrot.generations)
    assert grounded[0].content == f"{SYSTEM}\n\nFor answers from the collection demo: Be brief."
    assert [message.content for message in plain] == [KEEPER]
