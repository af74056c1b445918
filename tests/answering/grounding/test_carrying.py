import pytest

from tests.answering.grounding.sources import KEEPER, LAMP, numbered
from trinax.answering.grounding.binding import Binder
from trinax.answering.grounding.carrying import Carriers
from trinax.embedding.static import StaticEmbedder

SPANISH = "El faro lo cuida Marta Lindqvist, que repara la sirena de niebla."


@pytest.fixture(scope="module")
def embedder() -> StaticEmbedder:
    return StaticEmbedder()


def test_another_language_is_no_reason_to_drop_a_citation(embedder: StaticEmbedder) -> None:
    carriers = Carriers(numbered([LAMP, KEEPER]), embedder)
    assert Binder(carriers).kept(SPANISH, [2]) == (2,)


def test_another_language_is_no_excuse_for_a_wrong_number(embedder: StaticEmbedder) -> None:
    carriers = Carriers(numbered([LAMP, KEEPER]), embedder)
    assert Binder(carriers).kept("La lámpara quema 45 litros de parafina cada noche.", [1]) == ()


def test_a_paraphrase_is_carried(embedder: StaticEmbedder) -> None:
    carriers = Carriers(numbered([LAMP, KEEPER]), embedder)
    assert carriers.scores("Every night 40 litres of paraffin are burnt by the lamp.")[1] > 0.8


def test_a_long_text_is_judged_by_its_end() -> None:
    carriers = Carriers(numbered([LAMP, KEEPER]))
    assert carriers.scores("x " * 50_000 + LAMP)[1] >= 0.0
    assert carriers.scores("") == {}


def test_no_source_carries_anything() -> None:
    assert Carriers(()).scores("The lamp burns.") == {}
    assert Carriers(()).together("The lamp burns.", [1]) == 0.0


def test_an_empty_passage_carries_nothing(embedder: StaticEmbedder) -> None:
    carriers = Carriers(numbered([" \n", KEEPER]), embedder)
    assert carriers.scores("The keeper is Marta Lindqvist.")[1] < 0.5
