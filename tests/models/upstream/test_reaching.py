import json
from typing import Any

import pytest

from tests.models.upstream.player import Answer, Player, refusal
from trinax.models.upstream import reaching
from trinax.models.upstream.reaching import Reached, reached
from trinax.settings import Settings, Upstream

JSON = {"content-type": "application/json"}


def listing(*ids: str) -> Answer:
    body = json.dumps({"object": "list", "data": [{"id": id} for id in ids]})
    return Answer(body.encode(), 200, JSON)


async def asked(player: Player, **more: Any) -> Reached:
    given = {"url": player.url, "key": "sk-secret", "models": {"here": "there"}, **more}
    (found,) = await reached(Settings(upstreams={"box": Upstream(**given)}))
    return found


async def test_one_that_lists_its_models_answers(player: Player) -> None:
    player.play(listing("there", *(f"other-{number}" for number in range(20_000))))
    assert await asked(player) == Reached("box", "")
    assert player.asked[0].path.endswith("/models")
    assert player.asked[0].headers["authorization"] == "Bearer sk-secret"


async def test_a_model_that_is_not_listed_is_told(player: Player) -> None:
    player.play(listing("other"))
    assert await asked(player) == Reached("box", "", ("there",))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (refusal(401, {"message": "bad key sk-secret"}), "it refuses upstreams.box.key (HTTP 401)"),
        (refusal(404, "no"), "it has no list of models (HTTP 404); see the end of its url"),
        (refusal(503, {"message": "loading"}), "HTTP 503, loading"),
        (Answer(b"<html>", 200, {"content-type": "text/html"}), "did not answer with a list"),
        (Answer(b'{"data": [7]}', 200, JSON), "did not answer with a list"),
        (Answer(b'{"data"', 200, JSON, end="cut"), "the connection broke"),
    ],
)
async def test_what_keeps_one_from_answering_is_told(
    player: Player, answer: Answer, told: str
) -> None:
    player.play(answer)
    problem = (await asked(player)).problem
    assert told in problem
    assert "secret" not in problem


async def test_one_that_is_silent_is_not_waited_for(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "LIMIT_S", 0.2)
    player.play(Answer(late=True))
    assert "it did not answer within 0.2 s" in (await asked(player)).problem


async def test_one_that_is_not_there_is_told(player: Player) -> None:
    problem = (await asked(player, url="http://127.0.0.1:1/v1")).problem
    assert "no connection could be made" in problem


async def test_no_upstream_is_none_that_is_asked() -> None:
    assert await reached(Settings()) == []
