import pytest

from trinax.errors import InvalidRequest
from trinax.models.generation.sampling import SEEDS, Defaults, chain, check, defaults
from trinax.models.ports import Sampling

PLAIN = Defaults()


def test_what_is_unset_is_the_models_own() -> None:
    own = defaults({"general.sampling.temp": 0.25, "general.sampling.top_k": 20.0})
    made = chain(Sampling(), own, 0)
    assert (made.temperature, made.top_k) == (0.25, 20)
    assert (made.top_p, made.min_p) == (PLAIN.top_p, PLAIN.min_p)


def test_what_is_set_holds() -> None:
    made = chain(Sampling(temperature=0.0, top_k=0, top_p=1.0, min_p=0.0), PLAIN, 0)
    assert (made.temperature, made.top_k, made.top_p, made.min_p) == (0.0, 0, 1.0, 0.0)


def test_a_negative_top_k_is_off() -> None:
    assert chain(Sampling(top_k=-1), PLAIN, 0).top_k == 0


def test_choices_of_one_seed_have_their_own() -> None:
    assert [chain(Sampling(seed=7), PLAIN, choice).seed for choice in (0, 1)] == [7, 8]


@pytest.mark.parametrize("seed", [-1, 2**32 - 1, 2**63])
def test_any_whole_number_is_a_seed_but_the_one_that_means_random(seed: int) -> None:
    made = chain(Sampling(seed=seed), PLAIN, 0).seed
    assert 0 <= made < SEEDS
    assert made == chain(Sampling(seed=seed), PLAIN, 0).seed


def test_without_a_seed_each_is_another() -> None:
    assert len({chain(Sampling(), PLAIN, 0).seed for _ in range(5)}) == 5


@pytest.mark.parametrize("token", [-1, 10])
def test_a_bias_on_a_token_that_is_not_there_is_refused(token: int) -> None:
    with pytest.raises(InvalidRequest) as raised:
        check(Sampling(logit_bias={token: 1.0}), 10)
    assert raised.value.param == "logit_bias"
