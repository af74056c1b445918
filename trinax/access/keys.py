"""API keys: what one allows, and how its secret is made and recognised."""

import re
import secrets
import string
import zlib
from dataclasses import dataclass
from hashlib import sha256

from trinax.access.scopes import ALL, Scope
from trinax.errors import InvalidRequest

PREFIX = "trx_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
# 62 to the power of 43 is more than 2 to the power of 256.
RANDOM_CHARACTERS = 43
# Enough for the 32 bits of a CRC.
CHECKSUM_CHARACTERS = 6
# Of a secret, for recognising it in a list; what is left cannot be guessed.
SHOWN_CHARACTERS = len(PREFIX) + 8
WHOLE = re.compile(
    rf"{PREFIX}([0-9A-Za-z]{{{RANDOM_CHARACTERS}}})([0-9A-Za-z]{{{CHECKSUM_CHARACTERS}}})"
)
UNITS_S = {"m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400, "y": 365 * 86_400}
LONGEST_S = 100 * UNITS_S["y"]


@dataclass(frozen=True, slots=True)
class Key:
    """What the server keeps of a key: its secret is known to its holder only.

    id: stays when the secret is changed. prefix: the secret's beginning. collections, models: ids
    that it is limited to, None for no limit. Times are seconds since the epoch; None for never.
    """

    id: str
    name: str
    prefix: str
    digest: str
    scopes: frozenset[Scope]
    collections: frozenset[str] | None
    models: frozenset[str] | None
    plan: str
    created_s: int
    expires_s: int | None = None
    revoked_s: int | None = None
    used_s: int | None = None

    @property
    def allowed(self) -> frozenset[Scope]:
        """The scopes; "admin" has all others in it."""
        return ALL if "admin" in self.scopes else self.scopes

    def ended(self, now_s: float) -> str:
        """Why it is no longer taken, as a word; "" if it is."""
        if self.revoked_s is not None:
            return "revoked"
        return "expired" if self.expires_s is not None and self.expires_s <= now_s else ""


def new_secret() -> str:
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return f"{PREFIX}{random}{_checksum(random)}"


def new_id() -> str:
    return f"key_{secrets.token_hex(6)}"


def is_whole(secret: str) -> bool:
    """Whether it is one as it was made: a mistyped or cut one is not."""
    found = WHOLE.fullmatch(secret)
    return found is not None and _checksum(found[1]) == found[2]


def digest(secret: str) -> str:
    """What is kept of a secret.

    A slow hash, as for passwords, makes guessing dear; 256 random bits cannot be guessed at any
    price, and each request would pay for it.
    """
    return sha256(secret.encode()).hexdigest()


def lifetime_s(text: str) -> int | None:
    """Seconds in a text such as "90d" (m, h, d, w, y); None for "never". Raises InvalidRequest."""
    if text == "never":
        return None
    found = re.fullmatch(r"([0-9]{1,9})([mhdwy])", text)
    seconds = int(found[1]) * UNITS_S[found[2]] if found else 0
    if not 0 < seconds <= LONGEST_S:
        raise InvalidRequest(f"{text!r} is no lifetime; write 12h, 90d, 1y or never.", "expires")
    return seconds


def _checksum(random: str) -> str:
    rest, found = zlib.crc32(random.encode()), ""
    for _ in range(CHECKSUM_CHARACTERS):
        rest, place = divmod(rest, len(ALPHABET))
        found += ALPHABET[place]
    return found
