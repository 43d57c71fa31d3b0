"""Orders names at random by a hash of each, so that the order follows from the names alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int


def hash_ranks(names: Sequence[str], digest_size: int) -> Int[np.ndarray, " n"]:
    """Return the rank of each name in the order of their hashes, from 0. Equal names keep the order in which they come.

    Args:
        names: any text, also file names that aren't UTF-8.
        digest_size: bytes of the BLAKE2b hash, 1 to 64. Each size gives a different order.
    """
    digests = [hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=digest_size) for name in names]
    ranks = np.empty(len(names), dtype=np.int64)
    ranks[np.argsort([digest.hexdigest() for digest in digests], kind="stable")] = np.arange(len(names))
    return ranks
