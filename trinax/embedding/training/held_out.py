"""Which modules of the standard library are kept from training, for measuring with."""

from hashlib import blake2b

# One package in so many.
SHARE = 4


def held_out(package: str) -> bool:
    """Whether a top-level package or module ("json") is; the same on every machine."""
    return blake2b(package.encode(), digest_size=1).digest()[0] % SHARE == 0
