"""What a store was made with, kept beside it."""

from collections.abc import Mapping

from trinax.errors import StoreFailed
from trinax.index import analysis

# Raised when payload or vectors of a point change meaning; an older store is made anew.
FORMAT = 3

Identity = Mapping[str, int | str]


def identity(width: int, fingerprint: str) -> Identity:
    """fingerprint: of the embedder."""
    return {
        "format": FORMAT,
        "width": width,
        "embedder": fingerprint,
        "analysis": analysis.VERSION,
    }


def fits(kept: object, wanted: Identity, collection: str) -> bool:
    """Whether what the kept identity describes can be used as it is.

    kept: read from disk or from a server, so anything. Raises StoreFailed if a newer trinax
    wrote it: what that one knows must not be thrown away.
    """
    if not isinstance(kept, dict):
        return False
    if isinstance(kept.get("format"), int) and kept["format"] > FORMAT:
        raise StoreFailed(
            collection,
            f"a newer trinax wrote it: it has version {kept['format']}, and this one knows "
            f"{FORMAT}; run that one, or remove the collection and index it again",
        )
    return all(kept.get(key) == value for key, value in wanted.items())


def serves(kept: object) -> bool:
    """Whether what the kept identity describes can be searched until it is made anew: only its
    embedder or its analysis is another."""
    return (
        isinstance(kept, dict)
        and kept.get("format") == FORMAT
        and isinstance(kept.get("width"), int)
        and isinstance(kept.get("embedder"), str)
    )
