import re
from dataclasses import replace

import pytest

from tests.access.conftest import KEY
from trinax.access import keys
from trinax.errors import InvalidRequest

DAY_S = 24 * 60 * 60


def test_a_secret_is_ours_by_its_looks() -> None:
    assert re.fullmatch(r"trx_[0-9A-Za-z]{49}", keys.new_secret())


def test_secrets_have_256_random_bits() -> None:
    assert len(keys.ALPHABET) ** keys.RANDOM_CHARACTERS >= 2**256
    assert len({keys.new_secret() for _ in range(1000)}) == 1000


def test_a_secret_is_whole() -> None:
    assert all(keys.is_whole(keys.new_secret()) for _ in range(1000))


@pytest.mark.parametrize("place", [4, 20, 46, 47, 52])
def test_one_mistyped_character_is_recognised(place: int) -> None:
    secret = keys.new_secret()
    others = [each for each in keys.ALPHABET if each != secret[place]]
    mistyped = [secret[:place] + each + secret[place + 1 :] for each in others]
    assert not any(map(keys.is_whole, mistyped))


def test_two_characters_that_changed_places_are_recognised() -> None:
    secret = keys.PREFIX + "0" * 41 + "aZ" + keys._checksum("0" * 41 + "aZ")
    swapped = secret.replace("aZ", "Za", 1)
    assert (keys.is_whole(secret), keys.is_whole(swapped)) == (True, False)


@pytest.mark.parametrize("wrong", ["", "trx_", "sk-" + "0" * 50, "trx_" + "é" * 49, "\n"])
def test_what_was_never_made_is_not_whole(wrong: str) -> None:
    assert not keys.is_whole(wrong)
    assert not keys.is_whole(keys.new_secret() + wrong.strip() + " ")


# printf trx_x | sha256sum
def test_what_is_kept_is_the_sha256() -> None:
    assert (
        keys.digest("trx_x") == "2a0bb2a4d14764bb2e155d6e342017aecc936c20b856718a5cfa4ce436d52467"
    )


@pytest.mark.parametrize(
    ("text", "seconds"), [("90d", 90 * DAY_S), ("1y", 365 * DAY_S), ("2w", 14 * DAY_S), ("5m", 300)]
)
def test_a_lifetime_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert keys.lifetime_s(text) == seconds


def test_a_key_may_live_for_ever() -> None:
    assert keys.lifetime_s("never") is None


@pytest.mark.parametrize(
    "text", ["", "0d", "90", "d", "-1d", "1.5d", "101y", "9" * 12 + "d", "1 d"]
)
def test_other_lifetimes_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        keys.lifetime_s(text)


def test_an_expiry_is_the_first_second_without_the_key() -> None:
    key = replace(KEY, expires_s=100)
    assert (key.ended(99.9), key.ended(100)) == ("", "expired")
