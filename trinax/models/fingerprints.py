"""Embedders by what their vectors were made with."""

import logging

from trinax.embedding.ports import Embedder, model_of
from trinax.errors import TrinaxError
from trinax.models.pool import Pool

logger = logging.getLogger(__name__)


def embedder_of(fingerprint: str, pool: Pool) -> Embedder | None:
    """The installed model of a fingerprint; None if it is gone, was replaced by another of its
    name, or cannot be loaded now."""
    model_id = model_of(fingerprint)
    if not any(info.id == model_id and info.kind == "embed" for info in pool.infos()):
        return None
    try:
        embedder = pool.embedder(model_id)
        return embedder if embedder.fingerprint == fingerprint else None
    except TrinaxError as exc:
        logger.info("%s embedded a collection that is embedded anew: %s", model_id, exc)
        return None
