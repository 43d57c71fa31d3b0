"""Random streams by name: the same key gives the same numbers, whatever was drawn before or elsewhere.

This is what pairs runs: one seed fixes initialisation, data order, augmentation, masks and probes for every variant,
and a run that was killed goes on with the numbers it would have drawn.
"""

from __future__ import annotations

import hashlib

import torch


def derive_seed(*key: int | str) -> int:
    """A 63-bit seed from a key such as ``(seed, "masks", step)``."""
    digest = hashlib.blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def generator(*key: int | str) -> torch.Generator:
    """A CPU generator of its own for ``key``."""
    return torch.Generator().manual_seed(derive_seed(*key))
