"""Seeds of random streams: each stream has a key, and its numbers depend on the key alone.

This pairs runs: one seed fixes initialisation, data order, augmentation, masks and probes for every variant. A run that
was killed resumes with the same random numbers.
"""

from __future__ import annotations

import hashlib
from typing import Literal

import torch


def derive_seed(*key: int | str) -> int:
    """Return a 63-bit seed for a key such as ``(seed, "balance", step)``."""
    return _hash(repr(key), "big")


def derive_mask_seed(seed: int, step: int, place: int) -> int:
    """Return a 63-bit seed for the masks of one training step.

    It spells its key in another way than :func:`derive_seed`, and must, because the masks of earlier runs came from it.

    Args:
        seed: seed of the run.
        step: training step.
        place: index of the mask generator among those of the run.
    """
    return _hash(f"{seed},{step},{place}", "little")


def generator(*key: int | str) -> torch.Generator:
    """Return a new CPU generator with the seed of ``key``."""
    return torch.Generator().manual_seed(derive_seed(*key))


def _hash(key: str, order: Literal["big", "little"]) -> int:
    """Return 63 bits that differ between similar keys (torch's CPU generator uses only 32 bits of a seed)."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), order) >> 1
